// Settings of the process: random numbers, threads, memory, versions.

namespace TorchScratch.Tests;

public class RuntimeTests
{
    [Fact]
    public void TheLibraryReportsVersionAndInstructionSet()
    {
        Assert.Matches(@"^\d+\.\d+\.\d+$", Runtime.Version);
        Assert.NotEmpty(Runtime.SimdTarget);
    }

    [Fact]
    public void ASeedRepeatsTheNumbersAndTheStateContinuesThem()
    {
        Runtime.ManualSeed(7);
        var first = Tensor.Rand(100).ToArray<float>();
        var state = Runtime.RandomState;
        Assert.Equal(7ul, state.Seed);
        var second = Tensor.Randn(100).ToArray<float>();
        Runtime.ManualSeed(7);
        Assert.Equal(first, Tensor.Rand(100).ToArray<float>());
        Runtime.RandomState = state;
        Assert.Equal(second, Tensor.Randn(100).ToArray<float>());
        Assert.NotEqual(first, Tensor.Empty(100).Uniform_().ToArray<float>());
    }

    [Fact]
    public void ResultsDoNotDependOnTheNumberOfThreads()
    {
        var threads = Runtime.NumThreads;
        try
        {
            using var x = Tensor.Rand((300, 300));
            Runtime.NumThreads = 1;
            var one = x.MatMul(x).Sum().ToSingle();
            Runtime.NumThreads = 4;
            Assert.Equal(4, Runtime.NumThreads);
            Assert.Equal(one, x.MatMul(x).Sum().ToSingle());
            Assert.Throws<ValueException>(() => Runtime.NumThreads = 0);
        }
        finally
        {
            Runtime.NumThreads = threads;
        }
    }

    [Fact]
    public void StatisticsFollowAllocations()
    {
        // So that nothing left by earlier tests is freed in the meantime.
        Garbage.Collect();
        var before = Runtime.AllocatorStatistics;
        using (Tensor.Zeros(1 << 20))
        {
            var during = Runtime.AllocatorStatistics;
            Assert.InRange(during.LiveBytes - before.LiveBytes, 4 << 20, 6 << 20);
            Assert.True(during.PeakBytes >= during.LiveBytes);
            Assert.True(during.Allocations > before.Allocations);
        }
        var after = Runtime.AllocatorStatistics;
        Assert.True(after.CachedBytes >= 4 << 20);
        Runtime.ReleaseCachedMemory();
        Assert.True(Runtime.AllocatorStatistics.CachedBytes < after.CachedBytes);
        Runtime.ResetPeakMemory();
        Assert.InRange(Runtime.AllocatorStatistics.PeakBytes, 0, after.PeakBytes);
    }

    [Fact]
    public void ThePeakIncludesSmallTensorsOfAScope()
    {
        Garbage.Collect();
        Runtime.ResetPeakMemory();
        var before = Runtime.AllocatorStatistics.LiveBytes;
        using (Tensor.Scope())
        {
            for (var i = 0; i < 10; i++)
                _ = Tensor.Zeros((8, 8));
        }
        Assert.InRange(Runtime.AllocatorStatistics.PeakBytes - before, 10 * 256, 10 * 2048);
    }

    [Fact]
    public void ASteadyLoopAllocatesNoSystemMemory()
    {
        using var x = Tensor.Rand((64, 64));
        for (var i = 0; i < 20; i++)
            Step();
        var before = Runtime.AllocatorStatistics.SystemAllocations;
        for (var i = 0; i < 100; i++)
            Step();
        Assert.Equal(before, Runtime.AllocatorStatistics.SystemAllocations);

        void Step()
        {
            using var scope = Tensor.Scope();
            _ = (x.MatMul(x) + 1).Relu().Sum();
        }
    }

    [Fact]
    public void ObserversSeeAllocationsUntilTheyAreDisposed()
    {
        long largest = 0;
        var others = 0;
        using (Runtime.ObserveAllocations(_ => throw new InvalidOperationException("ignored")))
        using (Runtime.ObserveAllocations(_ => others++))
        {
            var subscription = Runtime.ObserveAllocations(e =>
            {
                if (e.Kind == AllocationEventKind.Allocate)
                    largest = Math.Max(largest, e.Bytes);
            });
            Tensor.Zeros(1 << 18).Dispose();
            subscription.Dispose();
            subscription.Dispose();
            var seen = others;
            Tensor.Zeros(1 << 20).Dispose();
            Assert.True(others > seen);
        }
        Assert.InRange(largest, 1 << 20, (1 << 20) * 5 / 4);
    }
}
