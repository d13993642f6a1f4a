// The consumer's end of the threads that make batches ahead.

namespace TorchScratch.Data;

/// <summary>
/// The consumer's hold on the workers: disposing it ends them, and so does the garbage collector, should an enumeration
/// be neither finished nor disposed. The threads know the ring of batches, never this object.
/// </summary>
internal sealed class BatchPrefetcher<TBatch> : IDisposable, IAsyncDisposable
{
    private readonly BatchRing<TBatch> _ring;

    /// <summary>Starts making batches <paramref name="first"/> to <paramref name="end"/> - 1.</summary>
    public BatchPrefetcher(Func<int, TBatch> make, int first, int end, int workers, int ahead,
        CancellationToken cancellation)
    {
        _ring = new BatchRing<TBatch>(make, first, end, workers, ahead, cancellation);
        _ring.Start();
    }

    ~BatchPrefetcher() => _ring?.Abandon();

    /// <inheritdoc cref="BatchRing{TBatch}.Take"/>
    public TBatch Take()
    {
        var batch = _ring.Take();
        GC.KeepAlive(this);
        return batch;
    }

    /// <inheritdoc cref="BatchRing{TBatch}.TakeAsync"/>
    public async ValueTask<TBatch> TakeAsync()
    {
        var batch = await _ring.TakeAsync().ConfigureAwait(false);
        GC.KeepAlive(this);
        return batch;
    }

    /// <summary>Ends the threads and frees batches that nobody took; waits for batches that are being made.</summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _ring.End();
    }

    /// <summary>As <see cref="Dispose"/>, without holding the thread.</summary>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _ring.EndAsync();
    }
}

/// <summary>What is known of all prefetchers together.</summary>
internal static class BatchPrefetcher
{
    internal static int Running;

    /// <summary>Worker threads that have not ended, for tests of leaks.</summary>
    public static int RunningThreads => Volatile.Read(ref Running);
}
