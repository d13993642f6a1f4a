// Reads gzip files, RFC 1952: https://www.rfc-editor.org/rfc/rfc1952. Files are not trusted.

namespace TorchScratch.IO;

/// <summary>
/// The content of a gzip file. One or more members follow one another, and their contents are joined, as gunzip does.
/// What a member's end says, its checksum and its length, is compared with what was read, so the end of the content is
/// reported only for a file that is complete.
/// </summary>
/// <param name="file">The compressed file, at its beginning; disposed with this stream.</param>
/// <param name="path">Its name in errors.</param>
/// <param name="freeBytes">
/// Content beyond this is refused when it is improbably large for the file; null where the content itself says how long
/// it is.
/// </param>
internal sealed class GzipInput(Stream file, string path, long? freeBytes) : Stream
{
    /// <summary>
    /// Content may be this many times as large as its file. Deflate reaches 1032 for data that say nothing; the
    /// most regular text and images stay below 100.
    /// </summary>
    public const int MaxRatio = 100;

    private readonly BitInput _input = new(file);
    private Inflater? _inflater;
    private bool _isInside;
    private bool _isOver;
    private long _content;
    private uint _checksum;
    private uint _length;

    /// <summary>The number of members so far.</summary>
    public int Members { get; private set; }

    /// <inheritdoc/>
    public override bool CanRead => true;

    /// <inheritdoc/>
    public override bool CanSeek => false;

    /// <inheritdoc/>
    public override bool CanWrite => false;

    /// <inheritdoc/>
    public override long Length => throw new NotSupportedException();

    /// <inheritdoc/>
    public override long Position
    {
        get => _content;
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <exception cref="TensorIOException">The file is truncated, damaged, or a bomb.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        try
        {
            while (!_isOver)
            {
                if (!_isInside && !BeginMember())
                    break;
                var count = _inflater!.Read(buffer);
                if (count == 0)
                {
                    EndMember();
                    continue;
                }
                _checksum = Crc32.Append(_checksum, buffer[..count]);
                _length += (uint)count;
                _content += count;
                CheckRatio();
                return count;
            }
            return 0;
        }
        catch (EndOfStreamException e)
        {
            throw Error("the file is cut off here: the gzip data go on", e);
        }
        catch (InvalidDataException e)
        {
            throw Error($"the gzip data are damaged: {e.Message}", e);
        }
    }

    /// <inheritdoc/>
    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <inheritdoc/>
    public override void Flush()
    {
    }

    /// <inheritdoc/>
    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void SetLength(long value) => throw new NotSupportedException();

    /// <inheritdoc/>
    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
            file.Dispose();
        base.Dispose(disposing);
    }

    private void CheckRatio()
    {
        if (_content > freeBytes && _content / MaxRatio > file.Length)
        {
            throw Error($"the content is more than {MaxRatio} times as large as the file; if the file can be " +
                "trusted, unpack it first");
        }
    }

    // False at the end of the file. Zeros may fill the rest of a block of a medium.
    private bool BeginMember()
    {
        var first = _input.Byte();
        if (_inflater is not null)
        {
            while (first == 0)
                first = _input.Byte();
            if (first < 0)
            {
                _isOver = true;
                return false;
            }
        }
        var second = _input.Byte();
        if (first != 0x1F || second != 0x8B)
            throw first < 0 || (first == 0x1F && second < 0) ? new EndOfStreamException()
                : Error("bytes that are not gzip data follow the end of the gzip data");
        Span<byte> fields = stackalloc byte[8];
        foreach (ref var value in fields)
            value = Next();
        var flags = fields[1];
        if (fields[0] != 8 || (flags & 0xE0) != 0)
            throw Error($"method {fields[0]} and flags {flags:X2}, expected method 8 (deflate) and flags up to 1F");
        var checksum = Crc32.Append(Crc32.Append(0, [0x1F, 0x8B]), fields);
        if ((flags & 4) != 0)
        {
            var size = Take(ref checksum) | Take(ref checksum) << 8;
            for (; size > 0; size--)
                Take(ref checksum);
        }
        // The name of the file and a comment, each ended by a zero.
        for (var texts = (flags >> 3 & 1) + (flags >> 4 & 1); texts > 0; texts--)
        {
            while (Take(ref checksum) != 0)
            {
            }
        }
        if ((flags & 2) != 0 && (Next() | Next() << 8) != (int)(checksum & 0xFFFF))
            throw Error("the checksum of the gzip header is wrong: the file is damaged");
        Members++;
        _inflater ??= new Inflater(_input);
        _inflater.Restart();
        (_isInside, _checksum, _length) = (true, 0, 0);
        return true;
    }

    private void EndMember()
    {
        var checksum = Number();
        var length = Number();
        if (checksum != _checksum)
            throw Error($"the checksum of the content is {_checksum:X8}, the file says {checksum:X8}: it is damaged");
        if (length != _length)
            throw Error($"the content has {_length} bytes (modulo 2^32), the file says {length}: it is damaged");
        _isInside = false;
    }

    private uint Number() => (uint)(Next() | Next() << 8 | Next() << 16 | Next() << 24);

    private byte Take(ref uint checksum)
    {
        var value = Next();
        checksum = Crc32.Append(checksum, [value]);
        return value;
    }

    private byte Next() => _input.Byte() is >= 0 and var value ? (byte)value : throw new EndOfStreamException();

    private TensorIOException Error(string what, Exception? inner = null) =>
        new($"{path}, offset {_input.Position} (of the compressed file): {what}", inner);
}
