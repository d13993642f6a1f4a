// Why a loop that never disposes a tensor stays bounded.
//
// A Tensor is a few dozen bytes to the garbage collector, however much native memory hangs on it, so left alone the
// collector would come far too late. Here native live bytes (the allocator's count, metadata included) are compared
// with
// a threshold at every tensor made: one load and one comparison. Above it:
//
// - Sweep the ledgers. A collection that came by itself may have found enough dead tensors already.
// - Else collect generation 1 and sweep. Generation 0 would do for most of a step's tensors, but those that were in use
//   during the last collection are in generation 1, and both together take little longer than the younger alone.
// - If clearly more is left than after the last full collection, tensors may have died in generation 2: collect it all.
//   That happens each time live memory grows by a quarter, so a growing program pays it a logarithmic number of times.
// - The new threshold is a factor above what is left, and at least a slack of a few megabytes. It falls only slowly
// below
//   the old one, because what is left depends on where in a step the collection came. So a large model raises the
//   threshold once and is then left alone, and a training loop settles at about one cheap collection for each step.
// - The slack is what small tensors live in. Little of it stays in the processor's cache, which makes them fast, but
//   asks for more collections; so it grows while these take more than a few percent of the time and else shrinks.
//
// Nothing waits for finalizers, so a lock held by the caller cannot lead to a deadlock; one thread at a time is at it.

using System.Diagnostics;
using System.Runtime.CompilerServices;
using TorchScratch.Interop;

namespace TorchScratch;

internal static class MemoryPressure
{
    // Bytes above what is left that are always allowed: the range, and the steps up and down.
    private const long LeastSlack = 1L << 20;
    private const long MostSlack = 6L << 20;
    private const double SlackUp = 1.5;
    private const double SlackDown = 0.9;

    // The threshold over what is left, and how fast it falls back.
    private const double Growth = 1.3;
    private const double Decay = 0.92;

    // How far above the last full collection's result a partial one may end.
    private const double FullGrowth = 1.25;

    // A sweep alone must bring live bytes this far below the threshold.
    private const double SweepShare = 0.85;

    // The share of the time that collections may take.
    private const double TimeShare = 0.05;

    // Share of a memory limit at which to collect.
    private const double LimitShare = 0.8;

    // For a sweep on the finalizer thread to end; not forever, because it may call back into code that waits for us.
    private static readonly TimeSpan LongestWait = TimeSpan.FromMilliseconds(100);

    private static readonly Lock Gate = new();

    private static long slack = 2L << 20;
    private static long threshold = slack;
    private static long leftByFull;
    private static long timeInCollections;
    private static long limit;
    private static bool collecting;
    private static long lastEnd = Stopwatch.GetTimestamp();

    /// <summary>Collections made so far, for tests.</summary>
    internal static int Collections { get; private set; }

    /// <summary>Whether a collection asked for here is under way.</summary>
    internal static bool IsCollecting => Volatile.Read(ref collecting);

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
            threshold = BelowLimit(threshold, Native.ts_allocator_live_bytes());
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Relieve()
    {
        // Not again from a release callback that makes a tensor, either.
        if (Gate.IsHeldByCurrentThread || !Gate.TryEnter())
            return;
        try
        {
            if (Native.ts_allocator_live_bytes() <= threshold)
                return;
            TensorLedger.Sweep(LongestWait);
            if (Native.ts_allocator_live_bytes() > SweepShare * threshold)
                Collect();
        }
        finally
        {
            Gate.Exit();
        }
    }

    private static void Collect()
    {
        Collections++;
        timeInCollections = 0;
        var left = Collect(generation: 1);
        if (left > FullGrowth * leftByFull + slack)
            leftByFull = left = Collect(GC.MaxGeneration);

        var now = Stopwatch.GetTimestamp();
        var tookTooLong = timeInCollections > TimeShare * (now - lastEnd);
        lastEnd = now;
        slack = Math.Clamp((long)(slack * (tookTooLong ? SlackUp : SlackDown)), LeastSlack, MostSlack);
        var wanted = Math.Max((long)(Growth * left), left + slack);
        threshold = BelowLimit(Math.Max(wanted, (long)(Decay * threshold)), left);
    }

    private static long Collect(int generation)
    {
        var start = Stopwatch.GetTimestamp();
        Volatile.Write(ref collecting, true);
        GC.Collect(generation, GCCollectionMode.Forced, blocking: true);
        Volatile.Write(ref collecting, false);
        timeInCollections += Stopwatch.GetTimestamp() - start;
        // Not counted: to return the memory is work that disposing would have done.
        TensorLedger.Sweep(LongestWait);
        return Native.ts_allocator_live_bytes();
    }

    private static long BelowLimit(long wanted, long live)
    {
        if (limit == 0)
            return wanted;
        var share = (long)(LimitShare * limit);
        return Math.Min(wanted, live < share ? share : (live + limit) / 2);
    }
}
