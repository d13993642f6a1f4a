// Reads untrusted files and reports errors with the file and the offset.

using TorchScratch.IO;

namespace TorchScratch.Data;

/// <summary>
/// Reads exactly as many bytes as requested, or throws an exception with the file and the offset at which it ends.
/// </summary>
internal sealed class DataInput(Stream stream, string path)
{
    // The initial allocation for elements, in bytes; doubled as data arrive.
    private const int FirstChunk = 1 << 20;

    /// <summary>Opens a file. Whether it is compressed with gzip is detected from its content, not its name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="freeBytes">
    /// Compressed content beyond this is refused when it is more than 100 times as large as the file; null where the
    /// content itself says how long it is.
    /// </param>
    /// <exception cref="TensorIOException">
    /// It is a folder, may not be read, is compressed with something else, or cut off at once.
    /// </exception>
    /// <exception cref="IOException">It does not exist or cannot be read.</exception>
    public static Stream Open(string path, long? freeBytes)
    {
        var file = OpenFile(path);
        try
        {
            Span<byte> start = stackalloc byte[4];
            var count = file.ReadAtLeast(start, 4, throwOnEndOfStream: false);
            file.Position = 0;
            var other = start switch
            {
                [0x1F, 0x8B, ..] => null,
                [0x50, 0x4B, 0x03, 0x04] => "zip",
                [0xFD, 0x37, 0x7A, 0x58] => "xz",
                [0x28, 0xB5, 0x2F, 0xFD] => "zstd",
                _ when count < 2 && path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase) =>
                    throw new TensorIOException($"{path}: the file is cut off: {count} bytes are no gzip file"),
                _ => "",
            };
            if (other is { Length: > 0 })
                throw new TensorIOException($"{path}: the file is compressed with {other}; unpack it, or use gzip");
            return other is null ? new GzipInput(file, path, freeBytes) : file;
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    private static FileStream OpenFile(string path)
    {
        try
        {
            return File.OpenRead(path);
        }
        catch (UnauthorizedAccessException e)
        {
            throw new TensorIOException(Directory.Exists(path) ? $"{path}: this is a folder, but a file was expected"
                : $"{path}: the file may not be read: {e.Message}", e);
        }
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
        var read = stream.Read(buffer);
        Position += read;
        return read;
    }
}
