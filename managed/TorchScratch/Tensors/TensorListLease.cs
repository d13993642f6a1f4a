// Keeps a list of native tensors alive during a call, as an array of their handles.

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// The handles of several tensors, each with a separate reference, so that the array of the caller may change during
/// the call. A null entry has handle 0. Up to eight handles are stored on the stack.
/// </summary>
internal readonly unsafe ref struct TensorListLease
{
    private const int InlineCapacity = 8;

    [InlineArray(InlineCapacity)]
    private struct InlineHandles
    {
        private nint _first;
    }

    private readonly InlineHandles _inline;
    private readonly nint* _allocated;

    /// <exception cref="ObjectDisposedException">A tensor of the list was disposed.</exception>
    internal TensorListLease(ReadOnlySpan<Tensor?> tensors,
        [CallerArgumentExpression(nameof(tensors))] string? argument = null, [CallerMemberName] string? caller = null)
    {
        var handles = (Span<nint>)_inline;
        if (tensors.Length > InlineCapacity)
        {
            _allocated = (nint*)NativeMemory.Alloc((nuint)tensors.Length, (nuint)sizeof(nint));
            handles = new(_allocated, tensors.Length);
        }
        try
        {
            // Count is incremented as references are taken, so that Dispose releases them if an entry throws.
            foreach (var tensor in tensors)
            {
                using var lease = new TensorLease(tensor, argument, caller);
                handles[Count++] = lease.Handle == 0 ? 0 : Native.ts_tensor_retain(lease.Handle);
            }
        }
        catch
        {
            Dispose();
            throw;
        }
    }

    /// <summary>The number of entries.</summary>
    internal int Count { get; }

    /// <summary>
    /// The handles, valid until Dispose. This struct is on the stack and is never copied, so a pointer into
    /// it stays valid.
    /// </summary>
    [UnscopedRef]
    internal nint* Pointer => _allocated is not null
        ? _allocated
        : (nint*)Unsafe.AsPointer(ref Unsafe.AsRef(in _inline));

    public void Dispose()
    {
        for (var i = 0; i < Count; i++)
            Native.ts_tensor_release(Pointer[i]);
        NativeMemory.Free(_allocated);
    }
}
