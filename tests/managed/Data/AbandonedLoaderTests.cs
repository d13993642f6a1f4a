// Enumerations that are neither finished nor disposed: the garbage collector stops their workers.

using System.Runtime.CompilerServices;
using TorchScratch.Data;

namespace TorchScratch.Tests.Data;

public class AbandonedLoaderTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TheCollectorEndsTheWorkers(bool isAsynchronous)
    {
        using var cancellation = new CancellationTokenSource();
        var loader = new DataLoader(DrawnDigits.Create(640), batchSize: 16, workers: 3, prefetch: 4);
        var before = BatchPrefetcher.RunningThreads;
        if (isAsynchronous)
            await BeginAsync(loader, cancellation.Token);
        else
            Begin(loader, cancellation.Token);
        for (var i = 0; i < 100 && BatchPrefetcher.RunningThreads > before; i++)
        {
            Garbage.Collect();
            await Task.Delay(20);
        }
        Assert.Equal(before, BatchPrefetcher.RunningThreads);
        // The token still refers to the workers, and the loader can be used again.
        await cancellation.CancelAsync();
        Assert.Equal(40, loader.AsEnumerable().Select(batch => batch.Inputs.Size(0)).Count());
    }

    [Fact]
    public void AnEnumerationInUseIsNotAbandoned()
    {
        var loader = new DataLoader(DrawnDigits.Create(320), batchSize: 16, workers: 2);
        var seen = 0;
        foreach (var batch in loader)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
            seen++;
            batch.Dispose();
        }
        Assert.Equal(20, seen);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Begin(DataLoader loader, CancellationToken cancellation)
    {
        var batches = loader.Batches(0, cancellation: cancellation).GetEnumerator();
        Assert.True(batches.MoveNext());
        batches.Current.Dispose();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task BeginAsync(DataLoader loader, CancellationToken cancellation)
    {
        var batches = loader.BatchesAsync(0, cancellation: cancellation).GetAsyncEnumerator(CancellationToken.None);
        Assert.True(await batches.MoveNextAsync());
        batches.Current.Dispose();
    }
}
