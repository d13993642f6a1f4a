// Frees what earlier tests left to the garbage collector, for tests that read the counters of the allocator.

namespace TorchScratch.Tests;

internal static class Garbage
{
    public static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        TensorLedger.Sweep(TimeSpan.FromSeconds(5));
    }
}
