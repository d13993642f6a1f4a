// What an IDX file holds, in memory.

using System.Runtime.InteropServices;

namespace TorchScratch.Data;

/// <summary>A dense array read from an IDX file: elements row-major, in this machine's byte order.</summary>
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

    /// <summary>The elements as they lie in memory.</summary>
    public ReadOnlySpan<byte> Bytes => _bytes;

    /// <summary>The bytes themselves, for data sets of this library that keep them.</summary>
    internal byte[] Buffer => _bytes;

    /// <summary>The elements as numbers.</summary>
    /// <exception cref="InvalidOperationException">T is not the type that <see cref="Type"/> names.</exception>
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
