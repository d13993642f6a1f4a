// Asynchronous loops over batches: order, errors, cancellation and leaks.

using TorchScratch.Data;

namespace TorchScratch.Tests.Data;

public class AsyncLoaderTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4)]
    public async Task TheBatchesAreThoseOfAPlainLoop(int workers)
    {
        var digits = DrawnDigits.Create(70).Transform(new RandomCrop(28, padding: 2));
        var plain = new DataLoader(digits, batchSize: 16, shuffle: true, seed: 9);
        var loader = new DataLoader(digits, batchSize: 16, shuffle: true, seed: 9, workers: workers);
        for (var epoch = 0; epoch < 2; epoch++)
        {
            using var expected = plain.GetEnumerator();
            await foreach (var (inputs, targets) in loader)
            {
                Assert.True(expected.MoveNext());
                Assert.Equal(expected.Current.Inputs.ToArray<float>(), inputs.ToArray<float>());
                Assert.Equal(expected.Current.Targets.ToArray<long>(), targets.ToArray<long>());
            }
            Assert.False(expected.MoveNext());
        }
        Assert.Equal(2, loader.Epoch);
    }

    [Fact]
    public async Task LeavingEarlyFreesEveryBatchAndWorker()
    {
        var digits = DrawnDigits.Create(640);
        var before = Runtime.AllocatorStatistics.LiveBytes;
        var loader = new DataLoader(digits, batchSize: 16, workers: 3, prefetch: 4);
        await foreach (var batch in loader)
        {
            batch.Dispose();
            break;
        }
        Assert.Equal(0, BatchPrefetcher.RunningThreads);
        // Fewer tensors are possible if garbage of earlier tests was collected in the meantime.
        Assert.InRange(Runtime.AllocatorStatistics.LiveBytes, 0, before);

        foreach (var batch in loader)
        {
            batch.Dispose();
            break;
        }
        Assert.Equal(0, BatchPrefetcher.RunningThreads);
        // Fewer tensors are possible if garbage of earlier tests was collected in the meantime.
        Assert.InRange(Runtime.AllocatorStatistics.LiveBytes, 0, before);
    }

    [Fact]
    public async Task AnErrorFreesEveryBatchAndWorker()
    {
        var digits = DrawnDigits.Create(640);
        var before = Runtime.AllocatorStatistics.LiveBytes;
        var failing = digits.Transform(null, targets => targets.ToArray<long>().Length < 16
            ? throw new InvalidOperationException("the last batch") : targets);
        var loader = new DataLoader(failing, batchSize: 18, workers: 3, prefetch: 4);
        var seen = 0;
        var error = await Assert.ThrowsAsync<InvalidOperationException>(async () =>
        {
            await foreach (var batch in loader)
            {
                batch.Dispose();
                seen++;
            }
        });
        Assert.Equal("the last batch", error.Message);
        Assert.Equal(35, seen);
        Assert.Equal(0, BatchPrefetcher.RunningThreads);
        // Fewer tensors are possible if garbage of earlier tests was collected in the meantime.
        Assert.InRange(Runtime.AllocatorStatistics.LiveBytes, 0, before);
    }

    [Fact]
    public async Task CancellationFreesEveryBatchAndWorker()
    {
        var digits = DrawnDigits.Create(640);
        var before = Runtime.AllocatorStatistics.LiveBytes;
        using var cancellation = new CancellationTokenSource();
        var loader = new DataLoader(digits, batchSize: 16, workers: 3, prefetch: 4);
        var seen = 0;
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            await foreach (var batch in loader.WithCancellation(cancellation.Token))
            {
                batch.Dispose();
                if (++seen == 3)
                    await cancellation.CancelAsync();
            }
        });
        Assert.Equal(3, seen);
        Assert.Equal(0, BatchPrefetcher.RunningThreads);
        // Fewer tensors are possible if garbage of earlier tests was collected in the meantime.
        Assert.InRange(Runtime.AllocatorStatistics.LiveBytes, 0, before);
    }

    [Fact]
    public async Task CancellationWakesAWaitingConsumer()
    {
        using var release = new ManualResetEventSlim();
        using var cancellation = new CancellationTokenSource();
        var slow = new CollatedDataset<int, int[]>(new Waiting(release), samples => samples);
        var loader = new DataLoader<int[]>(slow, batchSize: 1);
        var enumerator = loader.BatchesAsync(0, cancellation: cancellation.Token).GetAsyncEnumerator();
        var next = enumerator.MoveNextAsync().AsTask();
        await Task.Delay(20);
        Assert.False(next.IsCompleted);
        await cancellation.CancelAsync();
        release.Set();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next.WaitAsync(TimeSpan.FromSeconds(10)));
        await enumerator.DisposeAsync();
        Assert.Equal(0, BatchPrefetcher.RunningThreads);
    }

    [Fact]
    public async Task AnEpochCanBeginInItsMiddle()
    {
        var loader = new DataLoader(DrawnDigits.Create(50), batchSize: 4, shuffle: true, workers: 2);
        var labels = new List<long>();
        await foreach (var batch in loader.BatchesAsync(3, first: 7))
            labels.AddRange(batch.Targets.ToArray<long>());
        Assert.Equal(loader.Batches(3).SelectMany(batch => batch.Targets.ToArray<long>()).Skip(28), labels);
        Assert.Equal(0, loader.Epoch);
        await foreach (var batch in loader.BatchesAsync(3, first: 100))
            Assert.Fail("there is no batch 100");
    }

    private sealed class Waiting(ManualResetEventSlim release) : IDataset<int>
    {
        public int Count => 1000;

        public int this[int index]
        {
            get
            {
                release.Wait(TimeSpan.FromSeconds(10));
                return index;
            }
        }
    }
}
