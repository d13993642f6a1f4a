// Reads untrusted files and reports errors with the file and the offset.

using System.IO.Compression;

namespace TorchScratch.Data;

/// <summary>
/// Reads exactly as many bytes as requested, or throws an exception with the file and the offset at which it ends.
/// </summary>
internal sealed class DataInput(Stream stream, string path)
{
    // The initial allocation for elements, in bytes; doubled as data arrive.
    private const int FirstChunk = 1 << 20;

    /// <summary>Opens a file. Whether it is compressed with gzip is detected from its content, not its name.</summary>
    public static Stream Open(string path)
    {
        var file = File.OpenRead(path);
        Span<byte> start = stackalloc byte[2];
        var isCompressed = file.ReadAtLeast(start, 2, throwOnEndOfStream: false) == 2 && start is [0x1F, 0x8B];
        file.Position = 0;
        return isCompressed ? new GZipStream(file, CompressionMode.Decompress) : file;
    }

    /// <summary>The path of the file with this name, or with ".gz" appended; null if neither exists.</summary>
    public static string? TryFind(string directory, string name)
    {
        var path = Path.Combine(directory, name);
        return File.Exists(path) ? path : File.Exists(path + ".gz") ? path + ".gz" : null;
    }

    /// <summary>As <see cref="TryFind"/>, with an exception if neither exists.</summary>
    public static string Find(string directory, string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!Directory.Exists(directory))
            throw new DirectoryNotFoundException($"{directory}: there is no such folder");
        return TryFind(directory, name)
            ?? throw new FileNotFoundException($"{directory} has neither {name} nor {name}.gz", name);
    }

    /// <summary>Uncompressed bytes read so far.</summary>
    public long Position { get; private set; }

    /// <summary>An exception for an error at an offset.</summary>
    public TensorIOException Error(long offset, string what, Exception? inner = null) =>
        new($"{path}, offset {offset}: {what}", inner);

    /// <summary>Reads until the buffer is full.</summary>
    public void Fill(Span<byte> buffer, string expected)
    {
        if (!TryFill(buffer, expected) && buffer.Length > 0)
            throw Error(Position, $"the file ends here, expected {expected} from offset {Position}");
    }

    /// <summary>Reads until the buffer is full; returns false if the file ends before the first byte.</summary>
    public bool TryFill(Span<byte> buffer, string expected)
    {
        var start = Position;
        while (buffer.Length > 0)
        {
            var read = Read(buffer);
            if (read == 0 && Position == start)
                return false;
            if (read == 0)
                throw Error(Position, $"the file ends here, expected {expected} from offset {start}");
            buffer = buffer[read..];
        }
        return true;
    }

    /// <summary>
    /// Reads the last <paramref name="count"/> bytes of a file; more bytes after them are an error.
    /// </summary>
    public byte[] ReadAll(int count, string expected)
    {
        var start = Position;
        var buffer = new byte[Math.Min(count, FirstChunk)];
        var filled = 0;
        while (filled < count)
        {
            if (filled == buffer.Length)
                Array.Resize(ref buffer, (int)Math.Min(count, 2L * buffer.Length));
            var read = Read(buffer.AsSpan(filled));
            if (read == 0)
                throw Error(Position, $"the file ends here, expected {expected} from offset {start}");
            filled += read;
        }
        Span<byte> extra = stackalloc byte[1];
        return Read(extra) == 0
            ? buffer
            : throw Error(start + count, $"there are more bytes, but the file should end after {expected}");
    }

    private int Read(Span<byte> buffer)
    {
        try
        {
            var read = stream.Read(buffer);
            Position += read;
            return read;
        }
        catch (InvalidDataException e)
        {
            throw Error(Position, $"the gzip data is damaged after this offset of its content: {e.Message}", e);
        }
    }
}
