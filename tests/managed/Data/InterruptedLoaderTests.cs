// Leaving and cancelling a loader whose samples take long, and batches whose samples do not fit together.

using System.Diagnostics;
using TorchScratch.Data;

namespace TorchScratch.Tests.Data;

public class InterruptedLoaderTests
{
    // A whole batch takes 64 times as long.
    private static readonly TimeSpan SampleTime = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void BreakWaitsForSamplesNotForBatches(int workers)
    {
        var loader = new DataLoader<int>(new CollatedDataset<int, int>(new Slow(quick: 64), samples => samples.Length),
            64, workers: workers, prefetch: 4);
        var clock = new Stopwatch();
        foreach (var _ in loader)
        {
            clock.Start();
            break;
        }
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Patience);
        Assert.Equal(0, BatchPrefetcher.RunningThreads);
    }

    [Fact]
    public async Task AsynchronousBreakWaitsForSamplesNotForBatches()
    {
        var clock = new Stopwatch();
        await foreach (var _ in new DataLoader<int>(
            new CollatedDataset<int, int>(new Slow(quick: 64), samples => samples.Length), 64, workers: 2))
        {
            clock.Start();
            break;
        }
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Patience);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void CancellationInterruptsABatch(int workers)
    {
        using var source = new CancellationTokenSource();
        var loader = new DataLoader<int>(new CollatedDataset<int, int>(new Slow(), samples => samples.Length), 64,
            workers: workers);
        source.CancelAfter(300);
        var clock = Stopwatch.StartNew();
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (var _ in loader.Batches(0, 0, source.Token))
            {
            }
        });
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Patience + TimeSpan.FromSeconds(1));
        Assert.False(BatchWork.Cancellation.IsCancellationRequested);
    }

    // A data set with batches of its own looks for itself.
    [Fact]
    public void ADataSetSeesThatItsBatchIsUnwanted()
    {
        var clock = new Stopwatch();
        foreach (var _ in new DataLoader<int>(new OwnBatches(), 64, workers: 1))
        {
            clock.Start();
            break;
        }
        Assert.InRange(clock.Elapsed, TimeSpan.Zero, Patience);
    }

    // An exception of the data set is not mistaken for the end of the enumeration.
    [Fact]
    public void ADataSetsOwnCancellationReachesTheConsumer()
    {
        var loader = new DataLoader<int>(
            new CollatedDataset<int, int>(new Slow(quick: 1000), _ => throw new OperationCanceledException("own")), 64,
            workers: 2);
        var error = Assert.Throws<OperationCanceledException>(() => loader.Count(batch => batch > 0));
        Assert.Equal("own", error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void ARaggedBatchNamesTheSample(int workers)
    {
        foreach (var (make, expected) in new (Func<int, (Tensor, Tensor)>, string)[]
        {
            (i => (Tensor.Zeros([i == 17 ? 3 : 4]), Tensor.FromScalar(0L)), "input of sample 17 has shape (3)"),
            (i => (Tensor.Zeros([4]), Tensor.Zeros(i == 17 ? [2] : [])), "target of sample 17 has shape (2)"),
        })
        {
            var loader = new DataLoader(new Samples(make), 8, shuffle: false, workers: workers);
            var error = Assert.Throws<ShapeException>(() => loader.Count(batch => batch.Inputs.NDim > 0));
            Assert.Contains(expected, error.Message, StringComparison.Ordinal);
            Assert.Contains("sample 16", error.Message, StringComparison.Ordinal);
        }
        var mixed = new DataLoader(new Samples(i =>
            (Tensor.Zeros([4], i == 17 ? DType.Float64 : DType.Float32), Tensor.FromScalar(0L))), 8, workers: workers);
        var types = Assert.Throws<DTypeException>(() => mixed.Count(batch => batch.Inputs.NDim > 0));
        Assert.Contains("input of sample 17", types.Message, StringComparison.Ordinal);
    }

    private sealed class Slow(int quick = 0) : IDataset<int>
    {
        public int Count => 1000;

        public int this[int index]
        {
            get
            {
                if (index >= quick)
                    Thread.Sleep(SampleTime);
                return index;
            }
        }
    }

    private sealed class OwnBatches : IBatchDataset<int>
    {
        public int Count => 1000;

        public int GetBatch(ReadOnlySpan<int> indices)
        {
            foreach (var index in indices)
            {
                if (index >= 64)
                    BatchWork.Cancellation.WaitHandle.WaitOne(SampleTime);
                BatchWork.ThrowIfUnwanted();
            }
            return indices.Length;
        }
    }

    private sealed class Samples(Func<int, (Tensor, Tensor)> make) : IDataset<(Tensor Input, Tensor Target)>
    {
        public int Count => 24;

        public (Tensor Input, Tensor Target) this[int index] => make(index);
    }
}
