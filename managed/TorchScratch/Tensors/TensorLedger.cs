// Frees unreachable tensors that were never disposed, without giving Tensor a finalizer.
//
// An object with a finalizer costs about ten times as much to allocate as another, survives the collection that finds
// it unreachable, and frees its memory later, on another thread. Instead, each thread has a ledger, which stores next
// to every native reference a weak handle of the Tensor that owns it. When the target of the weak handle is gone, the
// Tensor was collected, and a sweep of the ledger releases the reference. Sweeps run on a thread that has started a
// collection, right after it, and on the finalizer thread after collections that the runtime has started. The handles
// track resurrection, so they are empty only when no finalizer of another object can reach the Tensor any more.
//
// Creating and disposing tensors need no lock against sweeps, because of these rules:
// - An entry is written target first, then reference; so a reference without a target means a collected Tensor.
// - A target is never cleared explicitly, and an entry is reused only after its reference was set to 0.
// - The reference is set to 0 either by the disposal of the Tensor, which keeps the Tensor alive until then, or by a
//   sweep, of which only one runs at a time.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// The tensors created by one thread: those alive, and collected ones whose references are not released yet.
/// </summary>
internal sealed class TensorLedger
{
    /// <summary>A block of entries. It never moves, because other threads write to it too.</summary>
    internal sealed class Page(TensorLedger owner, int number)
    {
        public const int Size = 512;

        public readonly WeakGCHandle<Tensor>[] Targets = new WeakGCHandle<Tensor>[Size];
        public readonly nint[] References = new nint[Size];

        /// <summary>Strikes the entry of a tensor; called once, when it is disposed, on any thread.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Strike(int slot)
        {
            Volatile.Write(ref References[slot], 0);
            // Entries struck by other threads are found by FindFree, when the owner has no free entries left.
            if (ReferenceEquals(owner, ThreadTensors.Current.Ledger))
                owner.PushFree(number * Size + slot);
        }
    }

    private static readonly Lock SweepGate = new();
    private static readonly Lock ListGate = new();
    private static readonly Stack<TensorLedger> Unowned = [];
    private static TensorLedger[] all = [];

    private Page[] _pages = [];
    private int[] _free = [];
    private int _freeCount;

    static TensorLedger()
    {
        AfterCollection.Watch();
        MemoryPressure.CollectBeforeRefusals();
    }

    /// <summary>A ledger for a new thread: that of a thread that has ended, or a new one.</summary>
    internal static TensorLedger Obtain()
    {
        lock (ListGate)
        {
            if (Unowned.TryPop(out var ledger))
                return ledger;
            ledger = new();
            all = [.. all, ledger];
            return ledger;
        }
    }

    /// <summary>Returns the ledger of a thread that has ended. Tensors that it created may still be alive.</summary>
    internal static void Return(TensorLedger ledger)
    {
        lock (ListGate)
            Unowned.Push(ledger);
    }

    /// <summary>Adds an entry for a new tensor; called only on the thread of the ledger.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal Page Enter(Tensor tensor, nint reference, out int slot)
    {
        if (_freeCount == 0)
            FindFree();
        var entry = _free[--_freeCount];
        var page = _pages[entry / Page.Size];
        slot = entry % Page.Size;
        page.Targets[slot].SetTarget(tensor);
        Volatile.Write(ref page.References[slot], reference);
        return page;
    }

    /// <summary>
    /// Releases the references of the collected tensors of all threads. Does nothing when called from a callback of
    /// another sweep, or if a sweep on another thread does not finish within <paramref name="timeout"/>.
    /// </summary>
    internal static void Sweep(TimeSpan timeout)
    {
        if (SweepGate.IsHeldByCurrentThread || !SweepGate.TryEnter(timeout))
            return;
        try
        {
            foreach (var ledger in Volatile.Read(ref all))
            {
                foreach (var page in Volatile.Read(ref ledger._pages))
                    Sweep(page);
            }
        }
        finally
        {
            SweepGate.Exit();
        }
    }

    private static void Sweep(Page page)
    {
        for (var slot = 0; slot < Page.Size; slot++)
        {
            var reference = Volatile.Read(ref page.References[slot]);
            if (reference == 0 || page.Targets[slot].TryGetTarget(out _))
                continue;
            Volatile.Write(ref page.References[slot], 0);
            Native.ts_tensor_release(reference);
        }
    }

    private void PushFree(int entry) => _free[_freeCount++] = entry;

    // Collects the entries struck by sweeps and by other threads, and adds a page unless more than a quarter are free.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FindFree()
    {
        for (var number = _pages.Length - 1; number >= 0; number--)
        {
            var references = _pages[number].References;
            for (var slot = Page.Size - 1; slot >= 0; slot--)
            {
                if (Volatile.Read(ref references[slot]) == 0)
                    PushFree(number * Page.Size + slot);
            }
        }
        if (_freeCount * 4 <= _pages.Length * Page.Size)
            AddPage();
    }

    private void AddPage()
    {
        var number = _pages.Length;
        var page = new Page(this, number);
        for (var slot = 0; slot < Page.Size; slot++)
            page.Targets[slot] = new(null!, trackResurrection: true);
        Array.Resize(ref _free, (number + 1) * Page.Size);
        // Published when complete, because a sweep may be reading.
        Volatile.Write(ref _pages, [.. _pages, page]);
        for (var slot = Page.Size - 1; slot >= 0; slot--)
            PushFree(number * Page.Size + slot);
    }

    /// <summary>
    /// An object that is never reachable, so that its finalizer runs after the next collection; it
    /// then creates another.
    /// </summary>
    private sealed class AfterCollection
    {
        public static void Watch() => _ = new AfterCollection();

        ~AfterCollection()
        {
            if (Environment.HasShutdownStarted)
                return;
            // MemoryPressure sweeps after its own collections.
            if (!MemoryPressure.IsCollecting)
                Sweep(TimeSpan.Zero);
            Watch();
        }
    }
}
