// Observers of native allocations. The C ABI has a single hook for the process, which this file dispatches.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>The kind of an allocation event.</summary>
public enum AllocationEventKind
{
    /// <summary>A block was allocated.</summary>
    Allocate = 0,

    /// <summary>A block was freed and is kept for reuse.</summary>
    Free = 1,

    /// <summary>Memory was allocated from the system.</summary>
    SystemAllocate = 2,

    /// <summary>Memory was returned to the system.</summary>
    SystemFree = 3,
}

/// <summary>One event of the native allocator.</summary>
/// <param name="Kind">The kind of event.</param>
/// <param name="Address">The address of the block.</param>
/// <param name="Bytes">The capacity of the block.</param>
public readonly record struct AllocationEvent(AllocationEventKind Kind, nint Address, long Bytes);

internal static unsafe class AllocationObservers
{
    private static readonly Lock Gate = new();

    // Replaced, never changed, because the hook reads it on any thread.
    private static Action<AllocationEvent>[] observers = [];

    private static void Change(Action<AllocationEvent> observer, bool add)
    {
        lock (Gate)
        {
            var list = observers.ToList();
            if (add)
                list.Add(observer);
            else
                list.Remove(observer);
            Volatile.Write(ref observers, [.. list]);
            var hook = list.Count == 0 ? 0 : (nint)(delegate* unmanaged[Cdecl]<void*, int, void*, long, void>)&OnEvent;
            Native.ts_allocator_set_hook(hook, null);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void OnEvent(void* user, int kind, void* data, long bytes)
    {
        foreach (var observer in Volatile.Read(ref observers))
        {
            try
            {
                observer(new((AllocationEventKind)kind, (nint)data, bytes));
            }
            catch (Exception)
            {
                // Ignored: there is no managed caller, and an exception must not unwind native frames.
            }
        }
    }

    /// <summary>Observes allocations until it is disposed.</summary>
    internal sealed class Subscription : IDisposable
    {
        private Action<AllocationEvent>? _observer;

        internal Subscription(Action<AllocationEvent> observer)
        {
            _observer = observer;
            Change(observer, add: true);
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _observer, null) is { } observer)
                Change(observer, add: false);
        }
    }
}
