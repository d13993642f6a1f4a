// The exit codes of the examples.

namespace TorchScratch.Examples;

/// <summary>The exit codes of the examples.</summary>
public static class ExitCode
{
    public const int Success = 0;

    /// <summary>A file is missing or damaged, or another error occurred at run time.</summary>
    public const int Error = 1;

    public const int BadArguments = 2;

    /// <summary>Interrupted by Ctrl-C; the code that shells report for a process that SIGINT ended.</summary>
    public const int Interrupted = 130;
}
