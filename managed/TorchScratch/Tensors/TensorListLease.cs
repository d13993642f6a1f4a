// The same for a list of tensors: an array of native handles for one call.

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// Handles of several tensors in a row, each with a reference of its own, so that the caller's array may change during
/// the call. A null entry is 0. Up to eight live on the stack.
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

    /// <exception cref="ObjectDisposedException">An entry was disposed.</exception>
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
            // Count grows along, so that Dispose returns what was taken before an entry throws.
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

    /// <summary>How many entries.</summary>
    internal int Count { get; }

    /// <summary>
    /// The handles, valid until Dispose. This struct lives on the stack and is never copied, so a pointer into it
    /// holds.
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
