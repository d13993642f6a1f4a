// Why a loop that never disposes a tensor stays bounded.
//
// A Tensor is a few dozen bytes to the garbage collector, however much native memory hangs on it, so left alone the
// collector would come far too late. Here native live bytes (the allocator's count, metadata included) are compared with
// a threshold at every tensor made, one load and one comparison. Above it:
//
// - Collect generation 0, where a step's dead tensors are, and wait until their finalizers have returned the memory. The
//   wait ends after a while in any case: a finalizer may be waiting for a lock that this thread holds.
// - If that returned little of what was allocated since the last time, collect generation 1, then 2: what is left was
//   perhaps alive during earlier collections. If that returns little as well, the memory is in use.
// - The new threshold is a factor above what survived. It falls only slowly below the old one, because what survives
//   depends on where in a step the collection came; and not at all while collections take more than a few percent
//   of the time. So a model that is large by itself raises the threshold once and is then left alone, and a training
//   loop settles at about one cheap collection for each step or several.
// - Below a fixed slack nothing is collected: a small model must not pay for what it does not need.
//
// Nothing is collected on the finalizer thread, nor by two threads at once.

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using TorchScratch.Interop;

namespace TorchScratch;

internal static class MemoryPressure
{
    // Bytes above the survivors that are always allowed.
    private const long Slack = 24L << 20;

    // Threshold over survivors, and how fast it falls back.
    private const double Growth = 1.35;
    private const double Decay = 0.92;

    // A collection that returns less than this share of what was allocated since the last one did not help.
    private const double HelpfulShare = 0.5;

    // Collections may take this share of the time before the threshold stops falling.
    private const double TimeShare = 0.03;

    // Share of a memory limit at which to collect.
    private const double LimitShare = 0.8;

    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(200);

    private static readonly Lock Gate = new();

    private static long threshold = Slack;
    private static long survivors;
    private static long limit;
    private static long lastEnd = Stopwatch.GetTimestamp();

    [ThreadStatic]
    private static bool isFinalizerThread;

    /// <summary>Collections made so far, for tests.</summary>
    internal static int Collections { get; private set; }

    /// <summary>Called at every tensor made.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void OnTensorCreated()
    {
        if (Native.ts_allocator_live_bytes() > Volatile.Read(ref threshold))
            Relieve();
    }

    /// <summary>Collects before an allocation limit is reached, rather than after; 0 for no limit.</summary>
    internal static void SetLimit(long bytes)
    {
        lock (Gate)
        {
            limit = bytes;
            threshold = Below(Math.Max(threshold, Slack), Native.ts_allocator_live_bytes());
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Relieve()
    {
        if (isFinalizerThread || !Gate.TryEnter())
            return;
        try
        {
            var before = Native.ts_allocator_live_bytes();
            if (before <= threshold)
                return;
            var start = Stopwatch.GetTimestamp();
            var after = Collect(before);
            var end = Stopwatch.GetTimestamp();
            Adapt(after, tookTooLong: end - start > TimeShare * (end - lastEnd));
            lastEnd = end;
        }
        finally
        {
            Gate.Exit();
        }
    }

    private static long Collect(long before)
    {
        Collections++;
        var helpful = before - (long)(HelpfulShare * (before - survivors));
        var after = before;
        for (var generation = 0; generation <= GC.MaxGeneration && after >= helpful; generation++)
        {
            CollectGeneration(generation);
            after = Native.ts_allocator_live_bytes();
        }
        return after;
    }

    [SuppressMessage("Reliability", "S1215:GC.Collect", Justification = "The one place for it; see the top.")]
    private static void CollectGeneration(int generation)
    {
        using var finalized = new ManualResetEventSlim();
        LeaveSentinel(finalized);
        GC.Collect(generation, GCCollectionMode.Forced, blocking: true);
        finalized.Wait(LongestWait);
    }

    private static void Adapt(long after, bool tookTooLong)
    {
        survivors = after;
        var floor = tookTooLong ? threshold : (long)(Decay * threshold);
        threshold = Below(Math.Max(floor, Math.Max((long)(Growth * after), after + Slack)), after);
    }

    private static long Below(long wanted, long live)
    {
        if (limit == 0)
            return wanted;
        var share = (long)(LimitShare * limit);
        return Math.Min(wanted, live < share ? share : (live + limit) / 2);
    }

    // In a method of its own, so that no register keeps it alive.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void LeaveSentinel(ManualResetEventSlim finalized) => _ = new Sentinel(finalized);

    // Unreachable from the start, and younger than every dead tensor: once it is finalized, they are.
    private sealed class Sentinel(ManualResetEventSlim finalized)
    {
        ~Sentinel()
        {
            isFinalizerThread = true;
            try
            {
                finalized.Set();
            }
            catch (ObjectDisposedException)
            {
                // Nobody waits any more.
            }
        }
    }
}
