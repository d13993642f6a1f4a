// Reads and writes IDX files, the format of MNIST: a magic number (two zero bytes, a type, the number of dimensions),
// one 32-bit size for each dimension, then the elements, row-major; all big-endian. http://yann.lecun.com/exdb/mnist/

using System.Buffers.Binary;
using System.IO.Compression;
using System.Runtime.InteropServices;
using TorchScratch.IO;

namespace TorchScratch.Data;

/// <summary>Reads and writes IDX files.</summary>
public static class IdxFile
{
    /// <summary>
    /// The default limit of <see cref="Read(string, int)"/> on the bytes of elements: 1 GiB.
    /// </summary>
    public const int DefaultMaxBytes = 1 << 30;

    private const int MaxDimensions = 8;

    /// <summary>
    /// Reads a whole file, which may be compressed with gzip. The file is not trusted: memory grows with the bytes that
    /// are really present, whatever the header says, and never beyond <paramref name="maxBytes"/>.
    /// </summary>
    /// <param name="path">The file. Compression is detected from the content, not from the name.</param>
    /// <param name="maxBytes">The largest number of bytes of elements to accept.</param>
    /// <exception cref="TensorIOException">
    /// The file is not an IDX file, is truncated, has bytes after its end, or holds more than
    /// <paramref name="maxBytes"/>. The message names the file, the offset (in the uncompressed data) and what
    /// was expected there.
    /// </exception>
    /// <exception cref="IOException">The file does not exist or cannot be read.</exception>
    public static IdxArray Read(string path, int maxBytes = DefaultMaxBytes)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentOutOfRangeException.ThrowIfNegative(maxBytes);
        using var file = DataInput.Open(path, freeBytes: null);
        return Read(new DataInput(file, path), maxBytes);
    }

    /// <summary>
    /// Writes an array, compressed if the name ends in ".gz". An old file is replaced only when the new one is
    /// complete.
    /// </summary>
    /// <param name="path">The file to create or replace.</param>
    /// <param name="type">The element type.</param>
    /// <param name="shape">1 to 8 sizes, outermost first.</param>
    /// <param name="elements">The elements, row-major, in the byte order of this machine.</param>
    /// <exception cref="ArgumentException">The number of bytes does not match type and shape.</exception>
    /// <exception cref="TensorIOException">The file cannot be written; an old one is unchanged.</exception>
    public static void Write(string path, IdxType type, ReadOnlySpan<int> shape, ReadOnlySpan<byte> elements)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (shape.Length is 0 or > MaxDimensions)
            throw new ArgumentException($"an IDX file has 1 to {MaxDimensions} dimensions, got {shape.Length}",
                nameof(shape));
        if (!Enum.IsDefined(type))
            throw new ArgumentOutOfRangeException(nameof(type), type, "not an IDX element type");
        if (shape.ContainsAnyInRange(int.MinValue, -1))
        {
            throw new ArgumentException($"sizes must not be negative, got ({string.Join(", ", shape.ToArray())})",
                nameof(shape));
        }
        var expected = shape.Contains(0) ? 0 : (Int128)type.Size();
        foreach (var size in shape)
        {
            // More than any array has: the further factors do not matter.
            if (expected <= long.MaxValue)
                expected *= size;
        }
        if (expected != elements.Length)
        {
            throw new ArgumentException($"the shape ({string.Join(", ", shape.ToArray())}) of {type} does not have " +
                $"the {elements.Length} bytes given", nameof(elements));
        }

        var header = new byte[4 + 4 * shape.Length];
        header[2] = (byte)type;
        header[3] = (byte)shape.Length;
        for (var i = 0; i < shape.Length; i++)
            BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4 + 4 * i), shape[i]);

        var swapped = type.Size() == 1 ? null : elements.ToArray();
        SwapBigEndian(type, swapped);
        using var file = new WholeFile(path);
        try
        {
            Stream output = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase)
                ? new GZipStream(file.Stream, CompressionLevel.Optimal, leaveOpen: true)
                : file.Stream;
            output.Write(header);
            output.Write(swapped ?? elements);
            if (output != file.Stream)
                output.Dispose();
        }
        catch (IOException e)
        {
            throw new TensorIOException($"{path}: cannot be written: {e.Message}", e);
        }
        file.Commit();
    }

    private static IdxArray Read(DataInput input, int maxBytes)
    {
        Span<byte> magic = stackalloc byte[4];
        input.Fill(magic, "a magic number of 4 bytes");
        var type = (IdxType)magic[2];
        if (magic[0] != 0 || magic[1] != 0 || !Enum.IsDefined(type))
        {
            throw input.Error(0,
                $"the magic number is {Convert.ToHexString(magic)}, expected 0000 followed by a type " +
                "(08, 09, 0B, 0C, 0D or 0E) and the number of dimensions");
        }
        var dimensions = magic[3];
        if (dimensions is 0 or > MaxDimensions)
            throw input.Error(3, $"{dimensions} dimensions, expected 1 to {MaxDimensions}");

        var shape = new int[dimensions];
        var bytes = (long)type.Size();
        Span<byte> size = stackalloc byte[4];
        for (var i = 0; i < dimensions; i++)
        {
            var offset = input.Position;
            input.Fill(size, $"the size of dimension {i}");
            var value = BinaryPrimitives.ReadUInt32BigEndian(size);
            // Checked after each factor: the product stays below 2^63, since the factors are below 2^31 and 2^32.
            bytes *= value;
            if (value > int.MaxValue || bytes > maxBytes)
            {
                throw input.Error(offset, $"dimension {i} has size {value}, and the elements then need more than the " +
                    $"{maxBytes} bytes allowed");
            }
            shape[i] = (int)value;
        }

        var elements = input.ReadAll((int)bytes,
            $"{bytes} bytes of elements, shape ({string.Join(", ", shape)}) of {type}");
        SwapBigEndian(type, elements);
        return new IdxArray(type, shape, elements);
    }

    private static void SwapBigEndian(IdxType type, Span<byte> elements)
    {
        if (!BitConverter.IsLittleEndian)
            return;
        switch (type.Size())
        {
            case 2:
                var shorts = MemoryMarshal.Cast<byte, short>(elements);
                BinaryPrimitives.ReverseEndianness(shorts, shorts);
                break;
            case 4:
                var ints = MemoryMarshal.Cast<byte, int>(elements);
                BinaryPrimitives.ReverseEndianness(ints, ints);
                break;
            case 8:
                var longs = MemoryMarshal.Cast<byte, long>(elements);
                BinaryPrimitives.ReverseEndianness(longs, longs);
                break;
        }
    }
}
