// Copies elements out of a tensor and into it.

using System.Diagnostics.CodeAnalysis;
using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using TorchScratch.Interop;

namespace TorchScratch;

public unsafe partial class Tensor
{
    /// <summary>A new array of all elements, in row-major order.</summary>
    /// <exception cref="DTypeException">
    /// <typeparamref name="T"/> is not the C# type of the elements; convert with <c>To</c>.
    /// </exception>
    public T[] ToArray<T>() where T : unmanaged
    {
        using var self = new TensorLease(this);
        var result = GC.AllocateUninitializedArray<T>(Length(ElementCount));
        CopyOut(self.Handle, result.AsSpan());
        return result;
    }

    /// <summary>A new array of the elements of a matrix.</summary>
    /// <exception cref="ShapeException">The tensor does not have two dimensions.</exception>
    /// <inheritdoc cref="ToArray" path="/exception"/>
    public T[,] ToArray2D<T>() where T : unmanaged
    {
        var sizes = Sizes(2, "ToArray2D");
        var result = new T[sizes[0], sizes[1]];
        CopyToArray<T>(result);
        return result;
    }

    /// <summary>A new array of the elements of a 3-d tensor.</summary>
    /// <exception cref="ShapeException">The tensor does not have three dimensions.</exception>
    /// <inheritdoc cref="ToArray" path="/exception"/>
    public T[,,] ToArray3D<T>() where T : unmanaged
    {
        var sizes = Sizes(3, "ToArray3D");
        var result = new T[sizes[0], sizes[1], sizes[2]];
        CopyToArray<T>(result);
        return result;
    }

    /// <summary>A new array of the elements of a 4-d tensor.</summary>
    /// <exception cref="ShapeException">The tensor does not have four dimensions.</exception>
    /// <inheritdoc cref="ToArray" path="/exception"/>
    public T[,,,] ToArray4D<T>() where T : unmanaged
    {
        var sizes = Sizes(4, "ToArray4D");
        var result = new T[sizes[0], sizes[1], sizes[2], sizes[3]];
        CopyToArray<T>(result);
        return result;
    }

    private Shape Sizes(int dimensions, string method) => Shape.Length == dimensions ? Shape
        : throw new ShapeException($"{method}: the tensor must have {dimensions} dimensions, got shape {ShapeText}");

    private void CopyToArray<T>(Array array) where T : unmanaged
    {
        ref var first = ref Unsafe.As<byte, T>(ref MemoryMarshal.GetArrayDataReference(array));
        CopyTo(MemoryMarshal.CreateSpan(ref first, array.Length));
    }

    /// <summary>Copies all elements to a span, in row-major order.</summary>
    /// <param name="destination">The span, of exactly as many elements.</param>
    /// <exception cref="DTypeException">
    /// <typeparamref name="T"/> is not the C# type of the elements; convert with <c>To</c>.
    /// </exception>
    /// <exception cref="ShapeException">The length of the span is not the number of elements.</exception>
    public void CopyTo<T>(Span<T> destination) where T : unmanaged
    {
        using var self = new TensorLease(this);
        CopyOut(self.Handle, destination);
    }

    /// <summary>
    /// The memory of the elements, in row-major order, without a copy. The span is valid only while this tensor, or
    /// another one that shares its memory, is reachable and not disposed: keep the tensor in a <c>using</c> variable,
    /// or call <see cref="GC.KeepAlive"/> after the last use of the span. Autograd does not notice writes.
    /// </summary>
    /// <exception cref="DTypeException">
    /// <typeparamref name="T"/> is not the C# type of the elements; convert with <c>To</c>.
    /// </exception>
    /// <exception cref="ValueException">The elements are not contiguous.</exception>
    /// <exception cref="DeviceException">
    /// The elements are not in host memory; <see cref="Cpu"/> copies them there.
    /// </exception>
    public Span<T> AsSpan<T>() where T : unmanaged
    {
        using var self = new TensorLease(this);
        return new(ContiguousData<T>(self.Handle, out var info), Length(info.numel));
    }

    /// <summary>
    /// The memory of the elements with the shape, for System.Numerics.Tensors. Valid as long as
    /// that of <see cref="AsSpan"/>.
    /// </summary>
    /// <inheritdoc cref="AsSpan" path="/exception"/>
    public TensorSpan<T> AsTensorSpan<T>() where T : unmanaged
    {
        using var self = new TensorLease(this);
        var data = ContiguousData<T>(self.Handle, out var info);
        return new(data, checked((nint)info.numel), NativeShape(in info), []);
    }

    /// <summary>
    /// The memory of the elements with the shape, read-only, for System.Numerics.Tensors. Valid as long as
    /// that of <see cref="AsSpan"/>.
    /// </summary>
    /// <exception cref="DTypeException">
    /// <typeparamref name="T"/> is not the C# type of the elements; convert with <c>To</c>.
    /// </exception>
    /// <exception cref="ValueException">The elements are not contiguous.</exception>
    /// <exception cref="DeviceException">
    /// The elements are not in host memory; <see cref="Cpu"/> copies them there.
    /// </exception>
    public ReadOnlyTensorSpan<T> AsReadOnlyTensorSpan<T>() where T : unmanaged => AsTensorSpan<T>();

    /// <summary>A tensor with a copy of the elements and the shape of a tensor span.</summary>
    /// <param name="data">The elements.</param>
    /// <param name="device">Where to put them; <see cref="Device.Default"/> if not given.</param>
    public static Tensor FromTensorSpan<T>(in ReadOnlyTensorSpan<T> data, Device? device = null) where T : unmanaged
    {
        var result = Empty(Sizes(data.Lengths), DTypes.Of<T>(nameof(FromTensorSpan)), Device.Cpu);
        data.FlattenTo(result.AsSpan<T>());
        var wanted = device ?? Device.Default;
        if (wanted.IsCpu)
            return result;
        using (result)
            return result.To(wanted);

        static long[] Sizes(ReadOnlySpan<nint> lengths)
        {
            var sizes = new long[lengths.Length];
            for (var i = 0; i < sizes.Length; i++)
                sizes[i] = lengths[i];
            return sizes;
        }
    }

    /// <summary>The value of a tensor with one element, of any shape.</summary>
    /// <exception cref="ValueException">The tensor does not have exactly one element.</exception>
    public Scalar Item()
    {
        using var self = new TensorLease(this);
        ts_scalar value;
        Status.Check(Native.ts_tensor_item(self.Handle, &value));
        return Scalar.FromNative(value);
    }

    /// <summary>The value of a tensor with one element; floating-point values are truncated to integers.</summary>
    /// <exception cref="DTypeException"><typeparamref name="T"/> is not the C# type of an element type.</exception>
    /// <exception cref="ValueException">
    /// The tensor does not have exactly one element, or an integer type cannot hold it.
    /// </exception>
    public T Item<T>() where T : unmanaged
    {
        var value = Item();
        return DTypes.Of<T>(nameof(Item)) switch
        {
            DType.Bool => As(value.ToBoolean()),
            DType.UInt8 => As((byte)value.ToInteger(byte.MinValue, byte.MaxValue, nameof(Item))),
            DType.Int8 => As((sbyte)value.ToInteger(sbyte.MinValue, sbyte.MaxValue, nameof(Item))),
            DType.Int16 => As((short)value.ToInteger(short.MinValue, short.MaxValue, nameof(Item))),
            DType.Int32 => As((int)value.ToInteger(int.MinValue, int.MaxValue, nameof(Item))),
            DType.Int64 => As(value.ToInteger(long.MinValue, long.MaxValue, nameof(Item))),
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

    /// <summary>The value of a tensor with one element; floating-point values are truncated towards zero.</summary>
    /// <exception cref="ValueException">There is not exactly one element, or a long cannot hold it.</exception>
    public long ToInt64() => Item().ToInt64();

    /// <summary>Whether the value of a tensor with one element is not zero.</summary>
    public bool ToBoolean() => Item().ToBoolean();

    /// <summary>The value of a tensor with one element.</summary>
    public static explicit operator float(Tensor tensor) => NotNull(tensor).ToSingle();

    /// <summary>The value of a tensor with one element.</summary>
    public static explicit operator double(Tensor tensor) => NotNull(tensor).ToDouble();

    /// <summary>The value of a tensor with one element; floating-point values are truncated towards zero.</summary>
    public static explicit operator long(Tensor tensor) => NotNull(tensor).ToInt64();

    /// <summary>The value of a tensor with one element; floating-point values are truncated towards zero.</summary>
    public static explicit operator int(Tensor tensor) => NotNull(tensor).Item<int>();

    /// <summary>Whether the value of a tensor with one element is not zero.</summary>
    public static explicit operator bool(Tensor tensor) => NotNull(tensor).ToBoolean();

    /// <summary>
    /// Overwrites the elements with those of a span, in row-major order, of exactly as many elements.
    /// </summary>
    /// <returns>This tensor.</returns>
    public Tensor Copy_<T>(ReadOnlySpan<T> source) where T : unmanaged
    {
        using var tensor = From(source, Shape, Device.Cpu);
        return Copy_(tensor);
    }

    /// <summary>The tensor itself.</summary>
    /// <exception cref="ArgumentNullException">It is null.</exception>
    internal static Tensor NotNull([NotNull] Tensor? tensor,
        [CallerArgumentExpression(nameof(tensor))] string? argument = null)
    {
        ArgumentNullException.ThrowIfNull(tensor, argument);
        return tensor;
    }

    // Arrays and spans count with an int.
    private static int Length(long count, [CallerMemberName] string caller = "") => count <= Array.MaxLength
        ? (int)count
        : throw TorchScratchException.Of(ErrorKind.Shape, caller,
            $"{count} elements are more than an array or a span can hold; take parts of the tensor");

    private static void CopyOut<T>(nint handle, Span<T> destination, [CallerMemberName] string caller = "")
        where T : unmanaged
    {
        ts_tensor_info info;
        Native.ts_tensor_get_info(handle, &info);
        CheckType<T>(in info, caller);
        if (destination.Length != info.numel)
        {
            throw TorchScratchException.Of(ErrorKind.Shape, caller,
                $"{info.numel} elements do not fit a span of {destination.Length}");
        }
        fixed (T* pointer = destination)
            Status.Check(Native.ts_tensor_copy_to(handle, pointer, (long)destination.Length * sizeof(T)));
    }

    private static T* ContiguousData<T>(nint handle, out ts_tensor_info info, [CallerMemberName] string caller = "")
        where T : unmanaged
    {
        fixed (ts_tensor_info* pointer = &info)
            Native.ts_tensor_get_info(handle, pointer);
        CheckType<T>(in info, caller);
        if (info.device != 0)
        {
            throw TorchScratchException.Of(ErrorKind.Device, caller,
                $"the elements are on {Device.FromCode(info.device)}, not in host memory; Cpu() copies them there");
        }
        if (info.is_contiguous == 0)
        {
            throw TorchScratchException.Of(ErrorKind.Value, caller,
                "the elements are not contiguous; Contiguous() makes a contiguous copy");
        }
        return (T*)info.data;
    }

    private static nint[] NativeShape(in ts_tensor_info info)
    {
        var shape = new nint[info.ndim];
        for (var i = 0; i < shape.Length; i++)
            shape[i] = (nint)info.sizes[i];
        return shape;
    }

    private static void CheckType<T>(in ts_tensor_info info, string caller) where T : unmanaged
    {
        var asked = DTypes.Of<T>(caller);
        if (info.dtype != (int)asked)
        {
            var actual = (DType)info.dtype;
            throw TorchScratchException.Of(ErrorKind.DType, caller,
                $"the elements are {actual.Name}, not {asked.Name}; convert them with To(DType.{asked})");
        }
    }
}
