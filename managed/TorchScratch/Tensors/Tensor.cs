// The managed handle of a native tensor: its identity and its lifetime. The other parts of the class hold the rest.
// Lifetime: the native tensor is reference counted, and a Tensor owns one reference. `_state` counts the running native
// calls in steps of four; its lowest bit means "disposed" and the next one "computed" (see IsComputed). The thread that
// changes it to "disposed, no running calls", which is the disposing thread or the last running call, releases the
// reference; Interlocked.Exchange on the handle ensures that this happens once. A call that starts later sees the bit
// and throws. A tensor that is never disposed is found by the ledger once it is unreachable (see TensorLedger); there
// is no finalizer.

using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>An n-dimensional array of one element type, with automatic differentiation.</summary>
/// <remarks>
/// A tensor may be used by several threads and disposed by any of them, but the caller must ensure that its data are
/// not changed by several threads at the same time. Disposing tensors is optional: unreachable ones are freed under
/// memory pressure. <see cref="Scope"/> and <see cref="Dispose"/> free them immediately.
/// </remarks>
[DebuggerDisplay("{DebuggerText,nq}")]
public partial class Tensor : IDisposable
{
    private const int Disposed = 1;
    private const int Computed = 2;
    private const int OneCall = 4;

    private nint _handle;
    private int _state;

    /// <summary>
    /// The index in the scopes of the thread that created it, counted from 1; 0 if no scope holds it.
    /// </summary>
    internal int ScopeSlot;

    // Its entry in the ledger of the thread that created it.
    private readonly TensorLedger.Page _page;
    private readonly int _slot;

    private Tensor(nint handle, TensorLedger ledger)
    {
        _handle = handle;
        _page = ledger.Enter(this, handle, out _slot);
        if (LiveTensors.IsTracking)
            LiveTensors.Record(this);
    }

    /// <summary>Another handle of a native tensor, outside all scopes.</summary>
    private protected Tensor(Tensor other)
    {
        _handle = other.Retain();
        _page = ThreadTensors.Current.Ledger.Enter(this, _handle, out _slot);
    }

    /// <summary>Whether it was disposed, by <see cref="Dispose"/> or at the end of a scope.</summary>
    public bool IsDisposed => (Volatile.Read(ref _state) & Disposed) != 0;

    /// <summary>Whether each use computes the tensor again, with <see cref="Compute"/>.</summary>
    internal bool IsComputed
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => (_state & Computed) != 0;
        private protected set =>
            _ = value ? Interlocked.Or(ref _state, Computed) : Interlocked.And(ref _state, ~Computed);
    }

    /// <summary>The tensor that takes the place of this one, if <see cref="IsComputed"/>.</summary>
    internal virtual Tensor Compute() => this;

    /// <summary>
    /// Frees the memory, unless a view, a graph or another handle still needs it. Running calls of other threads finish
    /// first; later calls throw <see cref="ObjectDisposedException"/>. Further calls of Dispose have no effect.
    /// </summary>
    [SuppressMessage("Usage", "CA1816",
        Justification = "No class here has a finalizer, and only this assembly can derive.")]
    public void Dispose()
    {
        if ((Interlocked.Or(ref _state, Disposed) & ~Computed) == 0)
            Release();
        if (ScopeSlot != 0)
            ThreadTensors.Current.Scopes.Forget(this);
        DisposeSource();
    }

    /// <summary>Disposes the tensor that this one is another handle of.</summary>
    private protected virtual void DisposeSource()
    {
    }

    /// <summary>A tensor that takes ownership of a reference to a native tensor.</summary>
    internal static Tensor FromHandle(nint handle)
    {
        MemoryPressure.OnTensorCreated();
        var thread = ThreadTensors.Current;
        var tensor = new Tensor(handle, thread.Ledger);
        thread.Scopes.Register(tensor);
        return tensor;
    }

    /// <summary>The same outside all scopes, for handles that are not visible to users.</summary>
    private static Tensor FromHandleOutsideScopes(nint handle) => new(handle, ThreadTensors.Current.Ledger);

    /// <summary>The same, or null for 0.</summary>
    internal static Tensor? FromHandleOrNull(nint handle) => handle == 0 ? null : FromHandle(handle);

    /// <summary>A tensor with a new reference to a borrowed native tensor; null for 0.</summary>
    internal static Tensor? FromBorrowed(nint handle) => handle == 0 ? null
        : FromHandle(Native.ts_tensor_retain(handle));

    /// <summary>The tensors of a native list, which is freed; null for undefined entries.</summary>
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

    /// <summary>The tensors of a borrowed native list; null for undefined entries.</summary>
    internal static Tensor?[] CopyList(nint list)
    {
        var tensors = new Tensor?[Native.ts_tensor_list_size(list)];
        for (var i = 0; i < tensors.Length; i++)
            tensors[i] = FromHandleOrNull(Native.ts_tensor_list_get(list, i));
        return tensors;
    }

    /// <summary>
    /// Marks the start of a native call; <see cref="Exit"/> must follow. Use <see cref="TensorLease"/>.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal nint Enter(string? argument, string? caller)
    {
        if ((Interlocked.Add(ref _state, OneCall) & Disposed) != 0)
            ThrowDisposed(argument, caller);
        return _handle;
    }

    /// <summary>Marks the end of a native call.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal void Exit()
    {
        if ((Interlocked.Add(ref _state, -OneCall) & ~Computed) == Disposed)
            Release();
    }

    /// <summary>A new reference, for native code to own.</summary>
    internal nint Retain([CallerMemberName] string? caller = null)
    {
        using var self = new TensorLease(this, nameof(Tensor), caller);
        return Native.ts_tensor_retain(self.Handle);
    }

    /// <summary>
    /// Takes over the data, the element type and the device of a tensor of the same shape; gradients are freed.
    /// </summary>
    internal void SetData(Tensor source)
    {
        using var self = new TensorLease(this);
        using var other = new TensorLease(source);
        Status.Check(Native.ts_tensor_set_data(self.Handle, other.Handle));
    }

    private void Release()
    {
        if (Interlocked.Exchange(ref _handle, 0) is not (not 0 and var handle))
            return;
        _page.Strike(_slot);
        // A sweep must not find this tensor unreachable before its entry is struck.
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
            "Dispose or at the end of the scope it was created in (scope.Keep and MoveToOuterScope keep it alive).");
    }
}
