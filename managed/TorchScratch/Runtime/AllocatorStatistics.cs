// The native allocator's counters.

using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>Bytes and counts of the native allocator, over all threads since the process began.</summary>
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

    /// <summary>Handed out and not yet returned, metadata included.</summary>
    public long LiveBytes { get; }

    /// <summary>Returned and kept for reuse.</summary>
    public long CachedBytes { get; }

    /// <summary>
    /// Highest <see cref="LiveBytes"/> since the process began or <see cref="Runtime.ResetPeakMemory"/>.
    /// </summary>
    public long PeakBytes { get; }

    /// <summary>Times the system was asked for memory; a steady training loop asks no more.</summary>
    public long SystemAllocations { get; }

    /// <summary>Times memory went back to the system.</summary>
    public long SystemFrees { get; }

    /// <summary>Blocks handed out.</summary>
    public long Allocations { get; }

    /// <summary>Blocks returned.</summary>
    public long Frees { get; }

    /// <summary>Highest <see cref="LiveBytes"/> allowed; 0 for no limit.</summary>
    public long LimitBytes { get; }
}
