// Bounds the native memory of programs that never dispose their tensors, on the host and on devices.
//
// To the garbage collector a Tensor is a few dozen bytes, no matter how much native memory it owns, so by itself the
// collector would run far too late. Therefore, whenever a tensor is created, the native live bytes (counted by the
// allocators, metadata included) are compared with a threshold: two loads and one comparison. If they exceed it:
//
// - Sweep the ledgers. A collection that the runtime started may already have found enough unreachable tensors.
// - If that does not free enough, collect generation 1 and sweep again. Generation 0 would be enough for most tensors
//   of a step, but those in use during the last collection are in generation 1; collecting both takes little longer.
// - If clearly more memory is live than after the last full collection, there may be unreachable tensors in generation
//   2: do a full collection. That happens each time live memory has grown by a quarter, so a program whose memory grows
//   does it a logarithmic number of times.
//   Near a limit it is done each time, since growing by a quarter would be refused first.
// - Under a limit, or when a device is full, the allocator also asks for a full collection before it refuses: one large
//   tensor may need more than is free although less than the threshold is live.
// - Set the new threshold to the larger of a factor times the live bytes and the live bytes plus a slack of a few
//   megabytes. It decreases only slowly, because the live bytes depend on where in a step the collection happened. So a
//   large model raises the threshold once, and a training loop settles at about one cheap collection per step.
// - Adapt the slack, which is the memory that small tensors cycle through. A small slack stays in the cache of the
//   processor and makes them fast, but needs more collections. So it grows while collections take more than a few
//   percent of the time, and shrinks otherwise.
//
// Nothing here waits for finalizers, so a lock held by the caller cannot cause a deadlock. One thread at a time does
// this; the others continue without waiting.

using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

internal static unsafe class MemoryPressure
{
    // The slack, in bytes: its range, and the factors by which it grows and shrinks.
    private const long MinSlack = 1L << 20;
    private const long MaxSlack = 6L << 20;
    private const double SlackUp = 1.5;
    private const double SlackDown = 0.9;

    // The threshold relative to the live bytes, and the factor by which it may decrease at each collection.
    private const double Growth = 1.3;
    private const double Decay = 0.92;

    // The live bytes after a partial collection, relative to the last full one, above which to do a full collection.
    private const double FullGrowth = 1.25;

    // A sweep without a collection is enough if it brings the live bytes below this fraction of the threshold.
    private const double SweepFraction = 0.85;

    // The fraction of the time that collections may take before the slack grows.
    private const double TimeFraction = 0.05;

    // The fraction of a memory limit at which to collect.
    private const double LimitFraction = 0.8;

    // How long to wait for a sweep on the finalizer thread. Not forever: it may call back into code that waits
    // for this thread.
    private static readonly TimeSpan MaxWait = TimeSpan.FromMilliseconds(100);

    private static readonly Lock Gate = new();

    private static long slack = 2L << 20;
    private static long threshold = slack;
    private static long liveAfterFull;
    private static long timeInCollections;
    private static long limit;
    private static bool collecting;
    private static long lastEnd = Stopwatch.GetTimestamp();

    /// <summary>The number of collections so far, for tests.</summary>
    internal static int Collections { get; private set; }

    /// <summary>Whether a collection started here is in progress.</summary>
    internal static bool IsCollecting => Volatile.Read(ref collecting);

    /// <summary>Called whenever a tensor is created.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static void OnTensorCreated()
    {
        if (LiveBytes > Volatile.Read(ref threshold))
            Relieve();
    }

    // On the host and on all devices.
    private static long LiveBytes
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Native.ts_allocator_live_bytes() + Native.ts_cuda_live_bytes();
    }

    /// <summary>
    /// Has the allocators ask for a full collection before they refuse memory, on the host because of a limit or on a
    /// device that is full.
    /// </summary>
    internal static void CollectBeforeRefusals() => Native.ts_allocator_set_reclaim(
        (nint)(delegate* unmanaged[Cdecl]<void*, void>)&BeforeRefusal, null);

    /// <summary>Sets the limit below which to keep live bytes of the host by collecting; 0 for no limit.</summary>
    internal static void SetLimit(long bytes)
    {
        lock (Gate)
        {
            limit = bytes;
            threshold = BelowLimit(threshold);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void BeforeRefusal(void* user)
    {
        // A thread that is collecting already will have finished soon.
        if (Gate.IsHeldByCurrentThread || !Gate.TryEnter(MaxWait))
            return;
        try
        {
            Collections++;
            liveAfterFull = Collect(GC.MaxGeneration);
        }
        catch (Exception)
        {
            // The allocation is refused then; an exception must not unwind native frames.
        }
        finally
        {
            Gate.Exit();
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Relieve()
    {
        // Also prevents reentrance, from a release callback that creates a tensor.
        if (Gate.IsHeldByCurrentThread || !Gate.TryEnter())
            return;
        try
        {
            if (LiveBytes <= threshold)
                return;
            TensorLedger.Sweep(MaxWait);
            if (LiveBytes > SweepFraction * threshold)
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
        var live = Collect(generation: 1);
        if (live > FullGrowth * liveAfterFull + slack || IsNearLimit)
            liveAfterFull = live = Collect(GC.MaxGeneration);

        var now = Stopwatch.GetTimestamp();
        var tookTooLong = timeInCollections > TimeFraction * (now - lastEnd);
        lastEnd = now;
        slack = Math.Clamp((long)(slack * (tookTooLong ? SlackUp : SlackDown)), MinSlack, MaxSlack);
        var wanted = Math.Max((long)(Growth * live), live + slack);
        threshold = BelowLimit(Math.Max(wanted, (long)(Decay * threshold)));
    }

    private static bool IsNearLimit => limit > 0 && Native.ts_allocator_live_bytes() > LimitFraction * limit;

    private static long Collect(int generation)
    {
        var start = Stopwatch.GetTimestamp();
        Volatile.Write(ref collecting, true);
        GC.Collect(generation, GCCollectionMode.Forced, blocking: true);
        Volatile.Write(ref collecting, false);
        timeInCollections += Stopwatch.GetTimestamp() - start;
        // Not timed: disposing the tensors would have taken as long.
        TensorLedger.Sweep(MaxWait);
        return LiveBytes;
    }

    // The limit is one of the host; bytes on devices come on top.
    private static long BelowLimit(long wanted)
    {
        if (limit == 0)
            return wanted;
        var live = Native.ts_allocator_live_bytes();
        var target = (long)(LimitFraction * limit);
        var onHost = live < target ? target : (live + limit) / 2;
        return Math.Min(wanted, onHost + Native.ts_cuda_live_bytes());
    }
}
