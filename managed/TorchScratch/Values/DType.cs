// Element types and their properties.

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;

namespace TorchScratch;

/// <summary>
/// The element type of a tensor. Within a class (bool, integer, floating point) the order is the order of promotion.
/// The values are those of the C ABI.
/// </summary>
[SuppressMessage("Naming", "CA1720:Identifier contains type name", Justification = "The types are what is named.")]
public enum DType
{
    /// <summary>One byte, 0 or 1; <see cref="bool"/>.</summary>
    Bool = 0,

    /// <summary>Unsigned 8-bit integer; <see cref="byte"/>.</summary>
    UInt8 = 1,

    /// <summary>Signed 8-bit integer; <see cref="sbyte"/>.</summary>
    Int8 = 2,

    /// <summary>Signed 16-bit integer; <see cref="short"/>.</summary>
    Int16 = 3,

    /// <summary>Signed 32-bit integer; <see cref="int"/>.</summary>
    Int32 = 4,

    /// <summary>Signed 64-bit integer; <see cref="long"/>. The type of indices and class labels.</summary>
    Int64 = 5,

    /// <summary>IEEE 754 half precision; <see cref="Half"/>.</summary>
    Float16 = 6,

    /// <summary>The upper half of a float32; <see cref="TorchScratch.BFloat16"/>.</summary>
    BFloat16 = 7,

    /// <summary>IEEE 754 single precision; <see cref="float"/>.</summary>
    Float32 = 8,

    /// <summary>IEEE 754 double precision; <see cref="double"/>.</summary>
    Float64 = 9,
}

/// <summary>Properties of an element type, and the element type of a C# type.</summary>
public static class DTypes
{
    extension(DType dtype)
    {
        /// <summary>The size of an element in bytes.</summary>
        public int ItemSize => dtype switch
        {
            DType.Bool or DType.UInt8 or DType.Int8 => 1,
            DType.Int16 or DType.Float16 or DType.BFloat16 => 2,
            DType.Int32 or DType.Float32 => 4,
            DType.Int64 or DType.Float64 => 8,
            _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Not an element type."),
        };

        /// <summary>Whether it is float16, bfloat16, float32 or float64; only these can require gradients.</summary>
        public bool IsFloatingPoint => dtype >= DType.Float16;

        /// <summary>Whether it is an integer type; bool is not.</summary>
        public bool IsInteger => dtype is >= DType.UInt8 and <= DType.Int64;

        /// <summary>PyTorch's name, such as <c>float32</c>.</summary>
        public string Name => dtype switch
        {
            DType.Bool => "bool",
            DType.UInt8 => "uint8",
            DType.Int8 => "int8",
            DType.Int16 => "int16",
            DType.Int32 => "int32",
            DType.Int64 => "int64",
            DType.Float16 => "float16",
            DType.BFloat16 => "bfloat16",
            DType.Float32 => "float32",
            DType.Float64 => "float64",
            _ => throw new ArgumentOutOfRangeException(nameof(dtype), dtype, "Not an element type."),
        };

        /// <summary>The type to which both types are promoted, by PyTorch's promotion rules.</summary>
        public unsafe DType PromoteWith(DType other)
        {
            int code;
            Status.Check(Interop.Native.ts_promote((int)dtype, (int)other, &code));
            return (DType)code;
        }
    }

    /// <summary>The element type whose C# type is <typeparamref name="T"/>.</summary>
    /// <exception cref="DTypeException">
    /// There is none, for example for <see cref="decimal"/> and <see cref="uint"/>.
    /// </exception>
    public static DType Of<T>() where T : unmanaged => Of<T>(nameof(Of));

    /// <summary>The same for a member that is named in the message.</summary>
    internal static DType Of<T>(string? caller) where T : unmanaged => TryOf<T>() is var dtype && dtype >= 0
        ? dtype
        : throw TorchScratchException.Of(ErrorKind.DType, caller ?? nameof(Of),
            $"{typeof(T).Name} is not the C# type of an element type; these are bool, byte, sbyte, short, int, " +
            "long, Half, BFloat16, float and double");

    // Each instantiation compiles to a constant, because T is a value type.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static DType TryOf<T>() =>
        typeof(T) == typeof(float) ? DType.Float32 :
        typeof(T) == typeof(double) ? DType.Float64 :
        typeof(T) == typeof(long) ? DType.Int64 :
        typeof(T) == typeof(int) ? DType.Int32 :
        typeof(T) == typeof(short) ? DType.Int16 :
        typeof(T) == typeof(sbyte) ? DType.Int8 :
        typeof(T) == typeof(byte) ? DType.UInt8 :
        typeof(T) == typeof(bool) ? DType.Bool :
        typeof(T) == typeof(Half) ? DType.Float16 :
        typeof(T) == typeof(BFloat16) ? DType.BFloat16 :
        (DType)(-1);
}
