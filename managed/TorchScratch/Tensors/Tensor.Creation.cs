// Tensors from managed data. Those from nothing (Zeros, Rand, Arange and so on) come from the op table.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

public sealed unsafe partial class Tensor
{
    /// <summary>A 1-d tensor with a copy of the elements.</summary>
    /// <typeparam name="T">
    /// Decides the element type: <c>float</c> gives float32, <c>long</c> int64 and so on.
    /// </typeparam>
    /// <exception cref="DTypeException"><typeparamref name="T"/> is no element type.</exception>
    public static Tensor FromArray<T>(T[] data) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(data);
        return Copy(new ReadOnlySpan<T>(data), [data.Length]);
    }

    /// <summary>A tensor of the given shape with a copy of the elements, row-major.</summary>
    /// <exception cref="ShapeException">The shape has another number of elements.</exception>
    public static Tensor FromArray<T>(T[] data, IntList shape) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(data);
        return From(new ReadOnlySpan<T>(data), shape);
    }

    /// <summary>A matrix with a copy of the elements.</summary>
    public static Tensor FromArray<T>(T[,] data) where T : unmanaged => FromMultiDimensional<T>(data);

    /// <summary>A 3-d tensor with a copy of the elements.</summary>
    public static Tensor FromArray<T>(T[,,] data) where T : unmanaged => FromMultiDimensional<T>(data);

    /// <summary>A 4-d tensor with a copy of the elements.</summary>
    public static Tensor FromArray<T>(T[,,,] data) where T : unmanaged => FromMultiDimensional<T>(data);

    /// <summary>A 1-d tensor with a copy of the elements, as in <c>Tensor.From([1f, 2f, 3f])</c>.</summary>
    public static Tensor From<T>(ReadOnlySpan<T> data) where T : unmanaged => Copy(data, [data.Length]);

    /// <summary>A tensor of the given shape with a copy of the elements, row-major; one size may be -1.</summary>
    /// <exception cref="ShapeException">The shape has another number of elements.</exception>
    public static Tensor From<T>(ReadOnlySpan<T> data, IntList shape) where T : unmanaged
    {
        var sizes = shape.Span;
        var wildcard = sizes.IndexOf(-1);
        if (wildcard >= 0)
        {
            long[] inferred = [.. sizes];
            inferred[wildcard] = 1;
            var rest = Math.Max(1, CountElements(inferred));
            inferred[wildcard] = data.Length / rest;
            sizes = inferred;
        }
        if (CountElements(sizes) != data.Length)
        {
            throw new ShapeException(
                $"from: {data.Length} elements do not fill the shape ({string.Join(", ", shape.ToArray())})");
        }
        return Copy(data, sizes);
    }

    /// <summary>A 0-d tensor.</summary>
    /// <param name="value">Its value.</param>
    /// <param name="dtype">Its element type; when not given, bool, int64 or the default floating type.</param>
    public static Tensor FromScalar(Scalar value, DType? dtype = null)
    {
        var given = dtype ?? (value.IsFloatingPoint ? Runtime.DefaultDType : value.IsInteger ? DType.Int64
            : DType.Bool);
        nint result;
        Status.Check(Native.ts_tensor_from_scalar(value.ToNative(), (int)given, &result));
        return FromHandle(result);
    }

    /// <summary>A tensor with undefined elements, for callers that fill it.</summary>
    public static Tensor Empty(IntList size, DType? dtype = null)
    {
        nint result;
        var sizes = size.Span;
        fixed (long* sizesPointer = sizes)
        {
            Status.Check(Native.ts_tensor_create(null, sizesPointer, sizes.Length,
                (int)(dtype ?? Runtime.DefaultDType), &result));
        }
        return FromHandle(result);
    }

    /// <summary>
    /// A tensor over managed memory, without a copy: both see each other's changes. The memory stays pinned until the
    /// last tensor over it is gone.
    /// </summary>
    /// <exception cref="ShapeException">The shape has another number of elements.</exception>
    public static Tensor FromMemory<T>(Memory<T> memory, IntList shape) where T : unmanaged
    {
        var sizes = shape.Span;
        if (CountElements(sizes) != memory.Length)
        {
            throw new ShapeException($"from_memory: {memory.Length} elements do not fill the shape " +
                $"({string.Join(", ", sizes.ToArray())})");
        }
        var pin = memory.Pin();
        return FromPointer((nint)pin.Pointer, sizes, DTypes.Of<T>(), pin.Dispose);
    }

    /// <summary>
    /// A tensor over native memory, without a copy. The memory must stay valid until <paramref name="release"/> is
    /// called, once, when the last tensor over it is gone; that may be on any thread, and it must neither throw nor
    /// make tensors.
    /// </summary>
    public static Tensor FromMemory(nint data, IntList shape, DType dtype, Action? release = null) =>
        FromPointer(data, shape.Span, dtype, release);

    private static Tensor FromPointer(nint data, ReadOnlySpan<long> sizes, DType dtype, Action? release)
    {
        nint result;
        int status;
        var owner = release is null ? 0 : CallbackOwner.Allocate(release);
        var callback = release is null ? 0 : (nint)(delegate* unmanaged[Cdecl]<void*, void>)&ReleaseMemory;
        fixed (long* sizesPointer = sizes)
        {
            status = Native.ts_tensor_from_blob((void*)data, sizesPointer, sizes.Length, (int)dtype, callback,
                (void*)owner, &result);
        }
        // Refused arguments are never taken over.
        if (status != 0 && owner != 0)
            CallbackOwner.Take<Action>(owner)();
        Status.Check(status);
        return FromHandle(result);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void ReleaseMemory(void* user) => CallbackOwner.Take<Action>((nint)user)();

    private static Tensor FromMultiDimensional<T>(Array data) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(data);
        Span<long> sizes = stackalloc long[data.Rank];
        for (var dim = 0; dim < sizes.Length; dim++)
            sizes[dim] = data.GetLength(dim);
        ref var first = ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(data));
        return Copy(MemoryMarshal.CreateReadOnlySpan(ref first, data.Length), sizes);
    }

    private static Tensor Copy<T>(ReadOnlySpan<T> data, ReadOnlySpan<long> sizes) where T : unmanaged
    {
        nint result;
        var dtype = (int)DTypes.Of<T>();
        fixed (T* dataPointer = data)
        fixed (long* sizesPointer = sizes)
            Status.Check(Native.ts_tensor_create(dataPointer, sizesPointer, sizes.Length, dtype, &result));
        return FromHandle(result);
    }

    private static long CountElements(ReadOnlySpan<long> sizes)
    {
        long count = 1;
        foreach (var size in sizes)
            count = checked(count * size);
        return count;
    }
}
