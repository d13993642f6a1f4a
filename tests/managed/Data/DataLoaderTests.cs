// Batches: order, workers and errors.

using TorchScratch.Data;

namespace TorchScratch.Tests.Data;

public class DataLoaderTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public void TheOrderFollowsFromSeedAndEpochAlone(int workers)
    {
        var expected = Epochs(workers: 0, seed: 5);
        Assert.Equal(expected, Epochs(workers, seed: 5));
        Assert.NotEqual(expected, Epochs(workers, seed: 6));

        static string Epochs(int workers, ulong seed)
        {
            var loader = new DataLoader<int[]>(new Numbers(103), batchSize: 10, shuffle: true, seed, workers: workers,
                prefetch: 1);
            return string.Join('|', loader.Concat(loader).Select(batch => string.Join(',', batch)));
        }
    }

    [Fact]
    public void EachEpochHasEverySampleOnceInAnotherOrder()
    {
        var loader = new DataLoader<int[]>(new Numbers(103), batchSize: 10, shuffle: true, workers: 2);
        var first = loader.SelectMany(batch => batch).ToArray();
        Assert.Equal(1, loader.Epoch);
        var second = loader.SelectMany(batch => batch).ToArray();
        Assert.Equal(Enumerable.Range(0, 103), first.Order());
        Assert.Equal(Enumerable.Range(0, 103), second.Order());
        Assert.NotEqual(first, second);
        loader.Epoch = 0;
        Assert.Equal(first, loader.SelectMany(batch => batch));
    }

    [Fact]
    public void WithoutShuffleSamplesComeByIndex()
    {
        var loader = new DataLoader<int[]>(new Numbers(5), batchSize: 2);
        Assert.Equal([[0, 1], [2, 3], [4]], loader);
        Assert.Equal(3, loader.Count);
        var whole = new DataLoader<int[]>(new Numbers(5), batchSize: 2, dropLast: true);
        Assert.Equal([[0, 1], [2, 3]], whole);
        Assert.Equal(2, whole.Count);
        Assert.Empty(new DataLoader<int[]>(new Numbers(0), batchSize: 2, workers: 2));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void AnEpochCanBeginInItsMiddle(int workers)
    {
        var loader = new DataLoader<int[]>(new Numbers(50), batchSize: 4, shuffle: true, workers: workers);
        Assert.Equal(loader.Batches(3).Skip(7), loader.Batches(3, first: 7));
        Assert.Empty(loader.Batches(3, first: 13));
        Assert.Equal(0, loader.Epoch);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public void AnErrorComesWhereItsBatchWould(int workers)
    {
        var loader = new DataLoader<int[]>(new Numbers(100, failsAt: 42), batchSize: 10, workers: workers);
        var seen = 0;
        var error = Assert.Throws<InvalidOperationException>(() =>
        {
            foreach (var batch in loader)
                seen++;
        });
        Assert.Equal("sample 42", error.Message);
        Assert.Equal(4, seen);
        Assert.Equal(0, LoaderThreads());
    }

    [Fact]
    public void LeavingEarlyEndsTheWorkersAndFreesWhatTheyMade()
    {
        var numbers = new Resources(1000);
        foreach (var batch in new DataLoader<Resource>(numbers, batchSize: 10, workers: 3, prefetch: 2))
        {
            batch.Dispose();
            break;
        }
        Assert.Equal(0, LoaderThreads());
        Assert.InRange(numbers.Made, 1, 7);
        Assert.Equal(numbers.Made, numbers.Freed);
    }

    [Fact]
    public void WorkersStayWithinTheirPrefetch()
    {
        var numbers = new Resources(1000);
        var loader = new DataLoader<Resource>(numbers, batchSize: 10, workers: 2, prefetch: 2);
        var taken = 0;
        foreach (var batch in loader)
        {
            taken++;
            Thread.Sleep(1);
            Assert.InRange(numbers.Made, taken, taken + 4);
            batch.Dispose();
        }
        Assert.Equal(100, taken);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void CancellationEndsTheLoop(int workers)
    {
        using var cancellation = new CancellationTokenSource();
        var loader = new DataLoader<int[]>(new Numbers(1000), batchSize: 10, workers: workers);
        var seen = 0;
        Assert.ThrowsAny<OperationCanceledException>(() =>
        {
            foreach (var batch in loader.Batches(0, cancellation: cancellation.Token))
            {
                if (++seen == 3)
                    cancellation.Cancel();
            }
        });
        Assert.Equal(3, seen);
        Assert.Equal(0, LoaderThreads());
    }

    [Fact]
    public async Task CancellationWakesAWaitingConsumer()
    {
        using var cancellation = new CancellationTokenSource();
        using var release = new ManualResetEventSlim();
        var loader = new DataLoader<int[]>(new Stuck(release), batchSize: 1, workers: 1);
        var consumer = Task.Run(() => loader.Batches(0, cancellation: cancellation.Token).ToList());
        await Task.Delay(50);
        await cancellation.CancelAsync();
        // The worker stops only after its current sample.
        release.Set();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => consumer.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public void BatchesBelongToTheConsumersScope(int workers)
    {
        var loader = new DataLoader(DrawnDigits.Create(40), batchSize: 10, workers: workers);
        var batches = new List<Batch>();
        using (Tensor.Scope())
        {
            foreach (var batch in loader)
                batches.Add(batch);
            Assert.All(batches, batch => Assert.False(batch.Inputs.IsDisposed || batch.Targets.IsDisposed));
        }
        Assert.All(batches, batch => Assert.True(batch.Inputs.IsDisposed && batch.Targets.IsDisposed));
    }

    [Fact]
    public void ImagesAreTheSameWithWorkers()
    {
        var digits = DrawnDigits.Create(130);
        var alone = new DataLoader(digits, batchSize: 32, shuffle: true, seed: 3);
        var helped = new DataLoader(digits, batchSize: 32, shuffle: true, seed: 3, workers: 3);
        foreach (var (expected, actual) in alone.Zip(helped))
        {
            Assert.Equal(expected.Targets.ToArray<long>(), actual.Targets.ToArray<long>());
            Assert.Equal(expected.Inputs.ToArray<float>(), actual.Inputs.ToArray<float>());
        }
    }

    [Fact]
    public void TensorsAreTakenByTheirFirstDimension()
    {
        using var inputs = Tensor.FromArray(new float[,] { { 0, 1 }, { 2, 3 }, { 4, 5 } });
        using var targets = Tensor.FromArray([10L, 20L, 30L]);
        var dataset = new TensorDataset(inputs, targets);
        Assert.Equal(3, dataset.Count);
        var (x, y) = dataset.GetBatch([2, 0]);
        Assert.Equal([4f, 5f, 0f, 1f], x.ToArray<float>());
        Assert.Equal([30L, 10L], y.ToArray<long>());
        using var one = Tensor.FromArray([1f]);
        Assert.Throws<ShapeException>(() => new TensorDataset(inputs, one));
    }

    [Fact]
    public void SingleSamplesAreStacked()
    {
        var (x, y) = Assert.Single(new DataLoader(new Pairs(), batchSize: 3));
        Assert.Equal([3, 2], x.Shape);
        Assert.Equal([0f, 0f, 1f, 1f, 2f, 2f], x.ToArray<float>());
        Assert.Equal([0L, 1L, 2L], y.ToArray<long>());
    }

    [Fact]
    public void CountsOutOfRangeAreErrors()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new DataLoader<int[]>(new Numbers(1), batchSize: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DataLoader<int[]>(new Numbers(1), workers: -1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DataLoader<int[]>(new Numbers(1), prefetch: 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new DataLoader<int[]>(new Numbers(1)).Batches(-1));
    }

    private static int LoaderThreads() => BatchPrefetcher.RunningThreads;

    private sealed class Numbers(int count, int failsAt = -1) : IBatchDataset<int[]>
    {
        public int Count => count;

        public int[] GetBatch(ReadOnlySpan<int> indices)
        {
            if (indices.Contains(failsAt))
                throw new InvalidOperationException($"sample {failsAt}");
            return indices.ToArray();
        }
    }

    private sealed class Stuck(ManualResetEventSlim release) : IBatchDataset<int[]>
    {
        public int Count => 1000;

        public int[] GetBatch(ReadOnlySpan<int> indices)
        {
            release.Wait(TimeSpan.FromSeconds(10));
            return indices.ToArray();
        }
    }

    private sealed class Pairs : IDataset<(Tensor Input, Tensor Target)>
    {
        public int Count => 3;

        public (Tensor Input, Tensor Target) this[int index] =>
            (Tensor.FromArray([(float)index, index]), Tensor.FromScalar(index));
    }

    private sealed class Resources(int count) : IBatchDataset<Resource>
    {
        private int _made;
        private int _freed;

        public int Count => count;

        public int Made => Volatile.Read(ref _made);

        public int Freed => Volatile.Read(ref _freed);

        public Resource GetBatch(ReadOnlySpan<int> indices)
        {
            Interlocked.Increment(ref _made);
            return new Resource(() => Interlocked.Increment(ref _freed));
        }
    }

    private sealed class Resource(Action freed) : IDisposable
    {
        public void Dispose() => freed();
    }
}
