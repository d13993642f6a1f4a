// The managed face of a native tensor: its identity and its lifetime. Everything else is in the other parts.
//
// Lifetime, in one place. The native tensor is reference counted; a Tensor holds one reference. `_state` counts the
// calls in flight in steps of two, and its lowest bit says "disposed". Whoever brings it to "disposed, no call in
// flight"
// returns the reference, and Interlocked.Exchange on the handle makes that happen once: the disposing thread, or the
// last of the calls that were running. A call that starts later sees the bit and throws. A tensor that nobody disposes
// is found by the ledger; there is no finalizer.

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// An n-dimensional array of one element type, with automatic differentiation.
/// </summary>
/// <remarks>
/// A Tensor may be used from several threads, and disposed by any of them; changing one tensor's data from several
/// threads at once is the caller's to prevent. Nobody has to dispose tensors: forgotten ones are collected under memory
/// pressure. <see cref="Scope"/> or <see cref="Dispose"/> frees them at once.
/// </remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public sealed partial class Tensor : IDisposable
{
    private const int Disposed = 1;
    private const int OneCall = 2;

    private nint _handle;
    private int _state;

    /// <summary>Place in the scopes of the thread that made it, counted from 1; 0 for none.</summary>
    internal int ScopeSlot;

    // Its entry in the ledger of the thread that made it.
    private readonly TensorLedger.Page _page;
    private readonly int _slot;

    private Tensor(nint handle, TensorLedger ledger)
    {
        _handle = handle;
        _page = ledger.Enter(this, handle, out _slot);
        if (LiveTensors.IsTracking)
            LiveTensors.Note(this);
    }

    /// <summary>Whether it was disposed, by <see cref="Dispose"/> or by a scope's end.</summary>
    public bool IsDisposed => (Volatile.Read(ref _state) & Disposed) != 0;

    /// <summary>
    /// Gives the memory back, unless a view, a graph or another handle still needs it. Calls running on other threads
    /// finish first; later ones throw <see cref="ObjectDisposedException"/>. More than once is harmless.
    /// </summary>
    public void Dispose()
    {
        if (Interlocked.Or(ref _state, Disposed) == 0)
            Release();
        if (ScopeSlot != 0)
            ThreadTensors.Current.Scopes.Forget(this);
    }

    /// <summary>Takes over one reference to a native tensor.</summary>
    internal static Tensor FromHandle(nint handle)
    {
        MemoryPressure.OnTensorCreated();
        var thread = ThreadTensors.Current;
        var tensor = new Tensor(handle, thread.Ledger);
        thread.Scopes.Register(tensor);
        return tensor;
    }

    /// <summary>The same outside all scopes, for handles that the user does not see.</summary>
    private static Tensor FromHandleOutsideScopes(nint handle) => new(handle, ThreadTensors.Current.Ledger);

    /// <summary>The same, with null for 0.</summary>
    internal static Tensor? FromHandleOrNull(nint handle) => handle == 0 ? null : FromHandle(handle);

    /// <summary>A Tensor of its own over a borrowed native tensor; null for 0.</summary>
    internal static Tensor? FromBorrowed(nint handle) => handle == 0 ? null
        : FromHandle(Native.ts_tensor_retain(handle));

    /// <summary>The tensors of a native list, which is freed; undefined entries are null.</summary>
    internal static Tensor?[] TakeListOrNull(nint list)
    {
        try
        {
            return CopyList(list);
        }
        finally
        {
            Native.ts_tensor_list_free(list);
        }
    }

    /// <summary>The tensors of a native list without undefined entries, which is freed.</summary>
    internal static Tensor[] TakeList(nint list) => TakeListOrNull(list)!;

    /// <summary>The tensors of a borrowed native list; undefined entries are null.</summary>
    internal static Tensor?[] CopyList(nint list)
    {
        var tensors = new Tensor?[Native.ts_tensor_list_size(list)];
        for (var i = 0; i < tensors.Length; i++)
            tensors[i] = FromHandleOrNull(Native.ts_tensor_list_get(list, i));
        return tensors;
    }

    /// <summary>Begins a native call; <see cref="Exit"/> must follow. Use <see cref="TensorLease"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal nint Enter(string? argument, string? caller)
    {
        if ((Interlocked.Add(ref _state, OneCall) & Disposed) != 0)
            ThrowDisposed(argument, caller);
        return _handle;
    }

    /// <summary>Ends a native call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Exit()
    {
        if (Interlocked.Add(ref _state, -OneCall) == Disposed)
            Release();
    }

    /// <summary>A reference for native code to keep.</summary>
    internal nint Retain([CallerMemberName] string? caller = null)
    {
        using var self = new TensorLease(this, nameof(Tensor), caller);
        return Native.ts_tensor_retain(self.Handle);
    }

    private void Release()
    {
        if (Interlocked.Exchange(ref _handle, 0) is not (not 0 and var handle))
            return;
        _page.Strike(_slot);
        // Until here a sweep must find this alive.
        GC.KeepAlive(this);
        Native.ts_tensor_release(handle);
    }

    [DoesNotReturn]
    [MethodImpl(MethodImplOptions.NoInlining)]
    private void ThrowDisposed(string? argument, string? caller)
    {
        Exit();
        var which = argument is null or "this" ? "the tensor" : $"the tensor '{argument}'";
        var shape = _shape is null ? "" : $" of shape ({string.Join(", ", _shape)})";
        throw new ObjectDisposedException(nameof(Tensor),
            $"{caller}: {which}{shape} was used after it was disposed, by " +
            "Dispose or by the end of the scope that it was made in (scope.Keep and MoveToOuterScope let it live on).");
    }
}
