// The contents of an IDX file in memory.

using System.Runtime.InteropServices;

namespace TorchScratch.Data;

/// <summary>A dense array read from an IDX file, with row-major elements in the byte order of this machine.</summary>
public sealed class IdxArray
{
    private readonly byte[] _bytes;
    private readonly int[] _shape;

    internal IdxArray(IdxType type, int[] shape, byte[] bytes)
    {
        Type = type;
        _shape = shape;
        _bytes = bytes;
    }

    /// <summary>The element type.</summary>
    public IdxType Type { get; }

    /// <summary>Sizes of the dimensions, outermost first.</summary>
    public ReadOnlySpan<int> Shape => _shape;

    /// <summary>The number of elements.</summary>
    public int Count => _bytes.Length / Type.Size();

    /// <summary>The elements as bytes, in the byte order of this machine.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The array of the bytes, for data sets that keep it.</summary>
    internal byte[] Buffer => _bytes;

    /// <summary>The elements as values of type T.</summary>
    /// <exception cref="InvalidOperationException">T is not the type named by <see cref="Type"/>.</exception>
    public ReadOnlySpan<T> Values<T>() where T : unmanaged
    {
        var fits = Type switch
        {
            IdxType.UInt8 => typeof(T) == typeof(byte),
            IdxType.Int8 => typeof(T) == typeof(sbyte),
            IdxType.Int16 => typeof(T) == typeof(short),
            IdxType.Int32 => typeof(T) == typeof(int),
            IdxType.Float32 => typeof(T) == typeof(float),
            IdxType.Float64 => typeof(T) == typeof(double),
            _ => false,
        };
        return fits
            ? MemoryMarshal.Cast<byte, T>(_bytes)
            : throw new InvalidOperationException($"the array holds {Type}, not {typeof(T).Name}");
    }
}
