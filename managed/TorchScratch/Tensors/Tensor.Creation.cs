// Tensors from existing data. Tensors from scratch (Zeros, Rand, Arange and so on) are generated from the op table.

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

public unsafe partial class Tensor
{
    /// <summary>A 1-d tensor with a copy of an array.</summary>
    /// <typeparam name="T">
    /// The C# type of the elements, which determines the element type: <c>float</c> gives float32, <c>long</c> int64
    /// and so on.
    /// </typeparam>
    /// <param name="data">The elements.</param>
    /// <param name="device">Where to put them; <see cref="Device.Default"/> if not given.</param>
    /// <exception cref="DTypeException"><typeparamref name="T"/> is not the C# type of an element type.</exception>
    public static Tensor FromArray<T>(T[] data, Device? device = null) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(data);
        return Copy(new ReadOnlySpan<T>(data), [data.Length], device);
    }

    /// <summary>
    /// A tensor of the given shape with a copy of an array, in row-major order; one size may be -1 and
    /// is then inferred.
    /// </summary>
    /// <param name="data">The elements.</param>
    /// <param name="shape">The sizes of the dimensions.</param>
    /// <param name="device">Where to put them; <see cref="Device.Default"/> if not given.</param>
    /// <exception cref="ShapeException">The shape does not have as many elements as there are.</exception>
    public static Tensor FromArray<T>(T[] data, IntList shape, Device? device = null) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(data);
        return From(new ReadOnlySpan<T>(data), shape, device);
    }

    /// <inheritdoc cref="FromArray{T}(T[], IntList, Device?)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor FromArray<T>(T[] data, IEnumerable<int> shape, Device? device = null) where T : unmanaged =>
        FromArray(data, NumberSequence.Copy(shape), device);

    /// <summary>A matrix with a copy of an array.</summary>
    public static Tensor FromArray<T>(T[,] data, Device? device = null) where T : unmanaged =>
        FromMultiDimensional<T>(data, device);

    /// <summary>A 3-d tensor with a copy of an array.</summary>
    public static Tensor FromArray<T>(T[,,] data, Device? device = null) where T : unmanaged =>
        FromMultiDimensional<T>(data, device);

    /// <summary>A 4-d tensor with a copy of an array.</summary>
    public static Tensor FromArray<T>(T[,,,] data, Device? device = null) where T : unmanaged =>
        FromMultiDimensional<T>(data, device);

    /// <summary>A 1-d tensor with a copy of a span, as in <c>Tensor.From([1f, 2f, 3f])</c>.</summary>
    /// <param name="data">The elements.</param>
    /// <param name="device">Where to put them; <see cref="Device.Default"/> if not given.</param>
    public static Tensor From<T>(ReadOnlySpan<T> data, Device? device = null) where T : unmanaged =>
        Copy(data, [data.Length], device);

    /// <summary>
    /// A tensor of the given shape with a copy of a span, in row-major order; one size may be -1 and is then inferred.
    /// </summary>
    /// <param name="data">The elements.</param>
    /// <param name="shape">The sizes of the dimensions.</param>
    /// <param name="device">Where to put them; <see cref="Device.Default"/> if not given.</param>
    /// <exception cref="ShapeException">The shape does not have as many elements as there are.</exception>
    public static Tensor From<T>(ReadOnlySpan<T> data, IntList shape, Device? device = null) where T : unmanaged
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
            throw DoesNotFill(data.Length, sizes, nameof(From));
        return Copy(data, sizes, device);
    }

    /// <summary>A 0-d tensor with a value.</summary>
    /// <param name="value">The value.</param>
    /// <param name="dtype">
    /// The element type; if not given, bool for a bool, int64 for an integer and the default floating-point type
    /// for other numbers.
    /// </param>
    /// <param name="device">Where to put it; <see cref="Device.Default"/> if not given.</param>
    public static Tensor FromScalar(Scalar value, OptionalDType dtype = default, Device? device = null)
    {
        var given = dtype.Or(value.IsFloatingPoint ? Runtime.DefaultDType : value.IsInteger ? DType.Int64
            : DType.Bool);
        nint result;
        Status.Check(Native.ts_tensor_from_scalar(value.ToNative(), (int)given, Marshalling.Code(device), &result));
        return FromHandle(result);
    }

    /// <summary>A tensor with uninitialized elements, to be filled by the caller.</summary>
    public static Tensor Empty(params ReadOnlySpan<long> size) => Empty(new IntList(size));

    /// <inheritdoc cref="Empty(ReadOnlySpan{long})"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor Empty(params long[] size) => Empty(NumberSequence.Span(size));

    /// <inheritdoc cref="Empty(IntList, OptionalDType, Device?)"/>
    [OverloadResolutionPriority(-1)]
    public static Tensor Empty(IEnumerable<int> size, OptionalDType dtype = default, Device? device = null) =>
        Empty(NumberSequence.Copy(size), dtype, device);

    /// <summary>A tensor with uninitialized elements, to be filled by the caller.</summary>
    /// <param name="size">The sizes of the dimensions.</param>
    /// <param name="dtype">The element type; the default floating-point type if not given.</param>
    /// <param name="device">Where to put them; <see cref="Device.Default"/> if not given.</param>
    public static Tensor Empty(IntList size, OptionalDType dtype = default, Device? device = null)
    {
        nint result;
        var sizes = size.Span;
        fixed (long* sizesPointer = sizes)
        {
            Status.Check(Native.ts_tensor_create(null, sizesPointer, sizes.Length,
                (int)dtype.Or(Runtime.DefaultDType), Marshalling.Code(device), &result));
        }
        return FromHandle(result);
    }

    /// <summary>A tensor with uninitialized elements and the shape of another one.</summary>
    /// <param name="self">The other tensor.</param>
    /// <param name="dtype">The element type; that of the other tensor if not given.</param>
    /// <param name="device">Where to put them; the device of the other tensor if not given.</param>
    public static Tensor EmptyLike(Tensor self, OptionalDType dtype = default, Device? device = null) =>
        Empty(NotNull(self).Shape, dtype.Or(self.DType), device ?? self.Device);

    /// <summary>
    /// A tensor on the CPU that shares managed memory without a copy, so that changes of one are visible in the other.
    /// The memory stays pinned until the last tensor that uses it is freed.
    /// </summary>
    /// <exception cref="ShapeException">The shape does not have as many elements as there are.</exception>
    public static Tensor FromMemory<T>(Memory<T> memory, IntList shape) where T : unmanaged
    {
        var sizes = shape.Span;
        if (CountElements(sizes) != memory.Length)
            throw DoesNotFill(memory.Length, sizes, nameof(FromMemory));
        var dtype = DTypes.Of<T>(nameof(FromMemory));
        var pin = memory.Pin();
        return FromPointer((nint)pin.Pointer, sizes, dtype, pin.Dispose);
    }

    /// <summary>
    /// A tensor on the CPU that uses native memory without a copy. The memory must stay valid until
    /// <paramref name="release"/> is called, once, when the last tensor that uses it is freed. That may happen on any
    /// thread, and the function must neither throw nor create tensors.
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
        // After an error native code has not taken ownership.
        if (status != 0 && owner != 0)
            CallbackOwner.Take<Action>(owner)();
        Status.Check(status);
        return FromHandle(result);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static void ReleaseMemory(void* user) => CallbackOwner.Take<Action>((nint)user)();

    private static Tensor FromMultiDimensional<T>(Array data, Device? device) where T : unmanaged
    {
        ArgumentNullException.ThrowIfNull(data);
        Span<long> sizes = stackalloc long[data.Rank];
        for (var dim = 0; dim < sizes.Length; dim++)
            sizes[dim] = data.GetLength(dim);
        ref var first = ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(data));
        return Copy(MemoryMarshal.CreateReadOnlySpan(ref first, data.Length), sizes, device);
    }

    private static Tensor Copy<T>(ReadOnlySpan<T> data, ReadOnlySpan<long> sizes, Device? device,
        [CallerMemberName] string? caller = null) where T : unmanaged
    {
        nint result;
        var dtype = (int)DTypes.Of<T>(caller);
        fixed (T* dataPointer = data)
        fixed (long* sizesPointer = sizes)
        {
            Status.Check(Native.ts_tensor_create(dataPointer, sizesPointer, sizes.Length, dtype,
                Marshalling.Code(device), &result));
        }
        return FromHandle(result);
    }

    private static TorchScratchException DoesNotFill(int count, ReadOnlySpan<long> sizes, string caller) =>
        TorchScratchException.Of(ErrorKind.Shape, caller,
            $"{count} elements do not fill the shape ({string.Join(", ", sizes.ToArray())})");

    // -1 if a size is negative or if there are more elements than a long can count, which no data fill.
    private static long CountElements(ReadOnlySpan<long> sizes)
    {
        if (sizes.Contains(0))
            return sizes.ContainsAnyInRange(long.MinValue, -1) ? -1 : 0;
        long count = 1;
        foreach (var size in sizes)
        {
            if (size < 0 || Math.BigMul(count, size, out count) != 0 || count < 0)
                return -1;
        }
        return count;
    }
}
