// Owns the worker threads that make batches in advance.

namespace TorchScratch.Data;

/// <summary>
/// Owns the worker threads of an enumeration. Disposing it stops them; if an enumeration is neither finished
/// nor disposed, the finalizer does. The threads hold references to the ring of batches only, so that this
/// object can be collected.
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

    /// <summary>
    /// Stops the threads, waits for batches that are being made, and frees batches that were not taken.
    /// </summary>
    public void Dispose()
    {
        GC.SuppressFinalize(this);
        _ring.End();
    }

    /// <summary>As <see cref="Dispose"/>, without blocking the thread.</summary>
    public ValueTask DisposeAsync()
    {
        GC.SuppressFinalize(this);
        return _ring.EndAsync();
    }
}

/// <summary>Statistics over all prefetchers.</summary>
internal static class BatchPrefetcher
{
    internal static int Running;

    /// <summary>The number of running worker threads, for tests of leaks.</summary>
    public static int RunningThreads => Volatile.Read(ref Running);
}
