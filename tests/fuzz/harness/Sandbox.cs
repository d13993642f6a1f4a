// The surroundings in which cases run, the same in a child and in a replay.

namespace TorchScratch.Fuzz;

/// <summary>A folder of its own and a limit on native memory.</summary>
public static class Sandbox
{
    /// <summary>The limit on native memory, in bytes: large tensors are refused, not computed for minutes.</summary>
    public const long NativeBytes = 64L << 20;

    /// <summary>Number of threads with which cases run, unless they say otherwise.</summary>
    public const int Threads = 2;

    internal static void Enter()
    {
        // Relative paths, which is what cases use, then stay below this folder.
        Environment.CurrentDirectory = Environment.GetEnvironmentVariable(Parent.FolderVariable)
            ?? Directory.CreateTempSubdirectory("torchscratch-fuzz-").FullName;
        Reset();
    }

    /// <summary>Undoes what a case may have left behind in the process.</summary>
    public static void Reset()
    {
        Runtime.MemoryLimit = NativeBytes;
        Runtime.NumThreads = Threads;
        Runtime.DefaultDType = DType.Float32;
        Runtime.ManualSeed(1);
    }
}
