// The element types of an IDX file.

namespace TorchScratch.Data;

/// <summary>The element type of an IDX file; the value is the third byte of the magic number.</summary>
public enum IdxType : byte
{
    /// <summary>Unsigned bytes.</summary>
    UInt8 = 0x08,

    /// <summary>Signed bytes.</summary>
    Int8 = 0x09,

    /// <summary>16-bit integers.</summary>
    Int16 = 0x0B,

    /// <summary>32-bit integers.</summary>
    Int32 = 0x0C,

    /// <summary>32-bit floating-point numbers.</summary>
    Float32 = 0x0D,

    /// <summary>64-bit floating-point numbers.</summary>
    Float64 = 0x0E,
}

internal static class IdxTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int Size(this IdxType type) => type switch
    {
        IdxType.UInt8 or IdxType.Int8 => 1,
        IdxType.Int16 => 2,
        IdxType.Int32 or IdxType.Float32 => 4,
        IdxType.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an IDX element type"),
    };

    public static DType ToDType(this IdxType type) => type switch
    {
        IdxType.UInt8 => DType.UInt8,
        IdxType.Int8 => DType.Int8,
        IdxType.Int16 => DType.Int16,
        IdxType.Int32 => DType.Int32,
        IdxType.Float32 => DType.Float32,
        IdxType.Float64 => DType.Float64,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "not an IDX element type"),
    };
}
