// The counters of the native allocator.

using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>Byte and call counts of the native allocator, over all threads since the start of the process.</summary>
public readonly record struct AllocatorStatistics
{
    internal AllocatorStatistics(in ts_allocator_stats stats)
    {
        LiveBytes = stats.live_bytes;
        CachedBytes = stats.cached_bytes;
        PeakBytes = stats.peak_bytes;
        SystemAllocations = stats.system_allocations;
        SystemFrees = stats.system_frees;
        Allocations = stats.allocations;
        Frees = stats.frees;
        LimitBytes = stats.limit_bytes;
    }

    /// <summary>The bytes allocated and not yet freed, metadata included.</summary>
    public long LiveBytes { get; }

    /// <summary>The bytes freed and kept for reuse.</summary>
    public long CachedBytes { get; }

    /// <summary>
    /// The highest <see cref="LiveBytes"/> since the start of the process or the last
    /// call of <see cref="Runtime.ResetPeakMemory"/>.
    /// </summary>
    public long PeakBytes { get; }

    /// <summary>The number of allocations from the system. It stays constant in a steady training loop.</summary>
    public long SystemAllocations { get; }

    /// <summary>The number of times memory was returned to the system.</summary>
    public long SystemFrees { get; }

    /// <summary>The number of blocks allocated.</summary>
    public long Allocations { get; }

    /// <summary>The number of blocks freed.</summary>
    public long Frees { get; }

    /// <summary>The largest <see cref="LiveBytes"/> allowed; 0 for no limit.</summary>
    public long LimitBytes { get; }
}
