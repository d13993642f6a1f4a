// Finds the tensors nobody disposed, without finalizers.
//
// A finalizable object costs about ten times an ordinary one to allocate, outlives the collection that finds it dead,
// and
// hands its memory back on another thread at another time. Instead, each thread keeps a ledger: beside every native
// reference stands a weak handle of the Tensor that holds it. Once the weak handle is empty the Tensor is gone, and
// whoever sweeps the ledger returns the reference: the thread that asked for a collection, at once, or the finalizer
// thread after a collection that came by itself. The handles track resurrection, so they are empty only when no
// finalizer of anybody's can reach the Tensor any more.
//
// Creating and disposing take no lock against a sweep. The rules that make this right:
// - an entry is written target first, reference second; so a reference without a target means a dead Tensor;
// - a target is never cleared by hand, and an entry is used again only after its reference became 0;
// - the reference is set to 0 by the Tensor's disposal, which keeps the Tensor alive meanwhile, or else by the one
// sweep
//   that runs at a time.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>The living tensors of one thread, and those to be cleared away.</summary>
internal sealed class TensorLedger
{
    /// <summary>A block of entries, which never moves: other threads write into it too.</summary>
    internal sealed class Page(TensorLedger owner, int number)
    {
        public const int Size = 512;

        public readonly WeakGCHandle<Tensor>[] Targets = new WeakGCHandle<Tensor>[Size];
        public readonly nint[] References = new nint[Size];

        /// <summary>Called once by the disposal of the entry's tensor, on any thread.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Strike(int slot)
        {
            Volatile.Write(ref References[slot], 0);
            // Entries struck by other threads are found when this thread runs out of them.
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

    static TensorLedger() => AfterCollection.Watch();

    /// <summary>A ledger for a new thread: one of a thread that ended, or a new one.</summary>
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

    /// <summary>The thread has ended; tensors it made may live on.</summary>
    internal static void Return(TensorLedger ledger)
    {
        lock (ListGate)
            Unowned.Push(ledger);
    }

    /// <summary>Enters a new tensor; only on the ledger's thread.</summary>
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
    /// Returns the references of all tensors that are gone, of all threads. Does nothing inside another sweep's
    /// callbacks, nor when a sweep of another thread takes longer than <paramref name="patience"/>.
    /// </summary>
    internal static void Sweep(TimeSpan patience)
    {
        if (SweepGate.IsHeldByCurrentThread || !SweepGate.TryEnter(patience))
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

    // Collects what sweeps and other threads have struck, and adds a page unless that is a good part of all there are.
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
        // Published whole: a sweep may be reading.
        Volatile.Write(ref _pages, [.. _pages, page]);
        for (var slot = Page.Size - 1; slot >= 0; slot--)
            PushFree(number * Page.Size + slot);
    }

    /// <summary>
    /// Unreachable from birth, so that its finalizer tells of the next collection; then another takes over.
    /// </summary>
    private sealed class AfterCollection
    {
        public static void Watch() => _ = new AfterCollection();

        ~AfterCollection()
        {
            if (Environment.HasShutdownStarted)
                return;
            // Whoever asks for a collection sweeps for itself.
            if (!MemoryPressure.IsCollecting)
                Sweep(TimeSpan.Zero);
            Watch();
        }
    }
}
