// What the process ends with.

namespace TorchScratch.Examples;

/// <summary>Exit codes of the examples.</summary>
public static class ExitCode
{
    public const int Success = 0;

    /// <summary>A file is missing or damaged, or something else went wrong at run time.</summary>
    public const int Error = 1;

    public const int BadArguments = 2;

    /// <summary>Ctrl-C; what shells give a process that SIGINT ended.</summary>
    public const int Interrupted = 130;
}
