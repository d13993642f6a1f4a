// Elements out of a tensor, and into it.

using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using TorchScratch.Interop;

namespace TorchScratch;

public sealed unsafe partial class Tensor
{
    /// <summary>All elements, row-major, in a new array.</summary>
    /// <exception cref="DTypeException">
    /// <typeparamref name="T"/> is not the element type; <c>To</c> converts.
    /// </exception>
    public T[] ToArray<T>() where T : unmanaged
    {
        using var self = new TensorLease(this);
        var result = GC.AllocateUninitializedArray<T>(checked((int)ElementCount));
        CopyOut(self.Handle, result.AsSpan());
        return result;
    }

    /// <summary>Copies all elements, row-major.</summary>
    /// <param name="destination">Takes them; exactly as many.</param>
    /// <exception cref="DTypeException">
    /// <typeparamref name="T"/> is not the element type; <c>To</c> converts.
    /// </exception>
    /// <exception cref="ShapeException">The span has another length.</exception>
    public void CopyTo<T>(Span<T> destination) where T : unmanaged
    {
        using var self = new TensorLease(this);
        CopyOut(self.Handle, destination);
    }

    /// <summary>
    /// The elements in place, row-major. Valid only while this tensor, or another over the same memory, is neither
    /// disposed nor unreachable: hold it in a <c>using</c> variable, or end with <see cref="GC.KeepAlive"/>. Writing
    /// goes unnoticed by autograd.
    /// </summary>
    /// <exception cref="DTypeException">
    /// <typeparamref name="T"/> is not the element type; <c>To</c> converts.
    /// </exception>
    /// <exception cref="ValueException">The elements are not contiguous, or not in this machine's memory.</exception>
    public Span<T> AsSpan<T>() where T : unmanaged
    {
        using var self = new TensorLease(this);
        return new(ContiguousData<T>(self.Handle, out var info), checked((int)info.numel));
    }

    /// <summary>
    /// The elements in place, with the shape, for System.Numerics.Tensors. Lives as <see cref="AsSpan"/> does.
    /// </summary>
    /// <inheritdoc cref="AsSpan" path="/exception"/>
    public TensorSpan<T> AsTensorSpan<T>() where T : unmanaged
    {
        using var self = new TensorLease(this);
        var data = ContiguousData<T>(self.Handle, out var info);
        return new(data, checked((nint)info.numel), NativeShape(in info), []);
    }

    /// <summary>
    /// The elements in place, with the shape and strides of any view, for System.Numerics.Tensors. Lives as
    /// <see cref="AsSpan"/> does.
    /// </summary>
    /// <exception cref="DTypeException">
    /// <typeparamref name="T"/> is not the element type; <c>To</c> converts.
    /// </exception>
    public ReadOnlyTensorSpan<T> AsReadOnlyTensorSpan<T>() where T : unmanaged => AsTensorSpan<T>();

    /// <summary>A tensor with a copy of the elements and of the shape.</summary>
    public static Tensor FromTensorSpan<T>(in ReadOnlyTensorSpan<T> data) where T : unmanaged
    {
        var result = Empty(Sizes(data.Lengths), DTypes.Of<T>());
        data.FlattenTo(result.AsSpan<T>());
        return result;

        static long[] Sizes(ReadOnlySpan<nint> lengths)
        {
            var sizes = new long[lengths.Length];
            for (var i = 0; i < sizes.Length; i++)
                sizes[i] = lengths[i];
            return sizes;
        }
    }

    /// <summary>The value of a tensor with one element, of whatever shape.</summary>
    /// <exception cref="ValueException">There is not exactly one element.</exception>
    public Scalar Item()
    {
        using var self = new TensorLease(this);
        ts_scalar value;
        Status.Check(Native.ts_tensor_item(self.Handle, &value));
        return Scalar.FromNative(value);
    }

    /// <summary>The value of a tensor with one element, converted as by a C# cast.</summary>
    /// <exception cref="DTypeException"><typeparamref name="T"/> is no element type.</exception>
    /// <exception cref="ValueException">There is not exactly one element.</exception>
    public T Item<T>() where T : unmanaged
    {
        var value = Item();
        return DTypes.Of<T>() switch
        {
            DType.Bool => As(value.ToBoolean()),
            DType.UInt8 => As((byte)value.ToInt64()),
            DType.Int8 => As((sbyte)value.ToInt64()),
            DType.Int16 => As((short)value.ToInt64()),
            DType.Int32 => As((int)value.ToInt64()),
            DType.Int64 => As(value.ToInt64()),
            DType.Float16 => As((Half)value.ToDouble()),
            DType.BFloat16 => As((BFloat16)value.ToDouble()),
            DType.Float32 => As(value.ToSingle()),
            _ => As(value.ToDouble()),
        };

        static T As<TFrom>(TFrom value) where TFrom : unmanaged => Unsafe.BitCast<TFrom, T>(value);
    }

    /// <summary>The value of a tensor with one element.</summary>
    public float ToSingle() => Item().ToSingle();

    /// <summary>The value of a tensor with one element.</summary>
    public double ToDouble() => Item().ToDouble();

    /// <summary>The value of a tensor with one element; floating values are cut toward zero.</summary>
    public long ToInt64() => Item().ToInt64();

    /// <summary>Whether the value of a tensor with one element is not zero.</summary>
    public bool ToBoolean() => Item().ToBoolean();

    /// <summary>The value of a tensor with one element.</summary>
    public static explicit operator float(Tensor tensor) => NotNull(tensor).ToSingle();

    /// <summary>The value of a tensor with one element.</summary>
    public static explicit operator double(Tensor tensor) => NotNull(tensor).ToDouble();

    /// <summary>The value of a tensor with one element; floating values are cut toward zero.</summary>
    public static explicit operator long(Tensor tensor) => NotNull(tensor).ToInt64();

    /// <summary>The value of a tensor with one element; floating values are cut toward zero.</summary>
    public static explicit operator int(Tensor tensor) => checked((int)NotNull(tensor).ToInt64());

    /// <summary>Whether the value of a tensor with one element is not zero.</summary>
    public static explicit operator bool(Tensor tensor) => NotNull(tensor).ToBoolean();

    /// <summary>Copies elements in, row-major; as many as there are.</summary>
    /// <returns>This tensor.</returns>
    public Tensor Copy_<T>(ReadOnlySpan<T> source) where T : unmanaged
    {
        using var tensor = From(source, Shape);
        return Copy_(tensor);
    }

    private static Tensor NotNull(Tensor tensor)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        return tensor;
    }

    private static void CopyOut<T>(nint handle, Span<T> destination) where T : unmanaged
    {
        ts_tensor_info info;
        Native.ts_tensor_get_info(handle, &info);
        CheckType<T>(in info);
        if (destination.Length != info.numel)
            throw new ShapeException($"copy_to: {info.numel} elements do not fit a span of {destination.Length}");
        fixed (T* pointer = destination)
            Status.Check(Native.ts_tensor_copy_to(handle, pointer, (long)destination.Length * sizeof(T)));
    }

    private static T* ContiguousData<T>(nint handle, out ts_tensor_info info) where T : unmanaged
    {
        fixed (ts_tensor_info* pointer = &info)
            Native.ts_tensor_get_info(handle, pointer);
        CheckType<T>(in info);
        if (info.device_type != 0)
            throw new ValueException("as_span: the tensor is not in this machine's memory");
        if (info.is_contiguous == 0)
            throw new ValueException("as_span: the elements are not contiguous; Contiguous() makes a dense copy");
        return (T*)info.data;
    }

    private static nint[] NativeShape(in ts_tensor_info info)
    {
        var shape = new nint[info.ndim];
        for (var i = 0; i < shape.Length; i++)
            shape[i] = (nint)info.sizes[i];
        return shape;
    }

    private static void CheckType<T>(in ts_tensor_info info) where T : unmanaged
    {
        var asked = DTypes.Of<T>();
        if (info.dtype != (int)asked)
        {
            var actual = (DType)info.dtype;
            throw new DTypeException(
                $"the elements are {actual.Name}, not {asked.Name}; To(DType.{asked}) converts them");
        }
    }
}
