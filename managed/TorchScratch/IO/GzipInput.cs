// Reads gzip files, RFC 1952: https://www.rfc-editor.org/rfc/rfc1952. Files are not trusted.
//
// The platform's decompressor does not say whether the data were complete, nor where they ended, so SharpZipLib's takes
// its place.

using ICSharpCode.SharpZipLib;
using ICSharpCode.SharpZipLib.Checksum;
using ICSharpCode.SharpZipLib.Zip.Compression;

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

    // A copy of 258 bytes takes two bits at least.
    private const int MaxDeflateRatio = 1032;

    private readonly byte[] _compressed = new byte[1 << 16];
    private readonly byte[] _content = new byte[1 << 16];
    private readonly Inflater _inflater = new(noHeader: true);
    private readonly Crc32 _checksum = new();
    // What is left in the buffers. Within a member the inflater has what is left of the compressed bytes.
    private int _next;
    private int _end;
    private int _contentNext;
    private int _contentEnd;
    // What was in them before.
    private long _before;
    private long _total;
    private bool _isInside;
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
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <inheritdoc/>
    /// <exception cref="TensorIOException">The file is truncated, damaged, or a bomb.</exception>
    public override int Read(Span<byte> buffer)
    {
        if (buffer.IsEmpty)
            return 0;
        while (_contentNext == _contentEnd)
        {
            if (!_isInside && !BeginMember())
                return 0;
            Decompress();
        }
        var count = Math.Min(buffer.Length, _contentEnd - _contentNext);
        _content.AsSpan(_contentNext, count).CopyTo(buffer);
        _contentNext += count;
        return count;
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

    // Fills the buffer of content, or gives the inflater more input, or ends the member.
    private void Decompress()
    {
        int count;
        try
        {
            count = _inflater.Inflate(_content);
        }
        catch (Exception e) when (e is SharpZipBaseException or IndexOutOfRangeException or ArgumentException
            or InvalidOperationException)
        {
            throw Damaged(e);
        }
        if (count > 0)
        {
            (_contentNext, _contentEnd) = (0, count);
            _checksum.Update(new ArraySegment<byte>(_content, 0, count));
            _length += (uint)count;
            _total += count;
            CheckRatio();
        }
        else if (_inflater.IsFinished)
        {
            _next = _end - _inflater.RemainingInput;
            _isInside = false;
            EndMember();
        }
        else if (!_inflater.IsNeedingInput)
            throw Damaged();
        else if (Load())
            GiveInput();
        else
            throw CutOff();
    }

    private void CheckRatio()
    {
        // The inflater makes zeros without end out of codes that are none.
        if (_total / MaxDeflateRatio > Offset)
            throw Damaged();
        if (_total > freeBytes && _total / MaxRatio > file.Length)
        {
            throw Error($"the content is more than {MaxRatio} times as large as the file; if the file can be " +
                "trusted, unpack it first");
        }
    }

    // False at the end of the file. Zeros may fill the rest of a block of a medium.
    private bool BeginMember()
    {
        var first = NextOrEnd();
        if (Members > 0)
        {
            while (first == 0)
                first = NextOrEnd();
            if (first < 0)
                return false;
        }
        var second = NextOrEnd();
        if (first != 0x1F || second != 0x8B)
            throw first < 0 || (first == 0x1F && second < 0) ? CutOff()
                : Error("bytes that are not gzip data follow the end of the gzip data");
        _checksum.Reset();
        _checksum.Update(first);
        _checksum.Update(second);
        Span<byte> fields = stackalloc byte[8];
        foreach (ref var value in fields)
            value = NextOfHeader();
        var flags = fields[1];
        if (fields[0] != 8 || (flags & 0xE0) != 0)
            throw Error($"method {fields[0]} and flags {flags:X2}, expected method 8 (deflate) and flags up to 1F");
        if ((flags & 4) != 0)
        {
            for (var size = NextOfHeader() | NextOfHeader() << 8; size > 0; size--)
                NextOfHeader();
        }
        // The name of the file and a comment, each ended by a zero.
        for (var texts = (flags >> 3 & 1) + (flags >> 4 & 1); texts > 0; texts--)
        {
            while (NextOfHeader() != 0)
            {
            }
        }
        if ((flags & 2) != 0 && (Next() | Next() << 8) != (int)(_checksum.Value & 0xFFFF))
            throw Error("the checksum of the gzip header is wrong: the file is damaged");
        Members++;
        _checksum.Reset();
        _length = 0;
        _inflater.Reset();
        GiveInput();
        _isInside = true;
        return true;
    }

    private void EndMember()
    {
        var checksum = Number();
        var length = Number();
        var found = _checksum.Value;
        if (checksum != found)
            throw Error($"the checksum of the content is {found:X8}, the file says {checksum:X8}: it is damaged");
        if (length != _length)
            throw Error($"the content has {_length} bytes (modulo 2^32), the file says {length}: it is damaged");
    }

    private uint Number() => (uint)(Next() | Next() << 8 | Next() << 16 | Next() << 24);

    private byte NextOfHeader()
    {
        var value = Next();
        _checksum.Update(value);
        return value;
    }

    private byte Next() => NextOrEnd() is >= 0 and var value ? (byte)value : throw CutOff();

    // -1 at the end of the file.
    private int NextOrEnd() => _next < _end || Load() ? _compressed[_next++] : -1;

    private bool Load()
    {
        _before += _end;
        _next = 0;
        _end = file.Read(_compressed);
        return _end > 0;
    }

    private void GiveInput()
    {
        _inflater.SetInput(_compressed, _next, _end - _next);
        _next = _end;
    }

    private long Offset => _before + _next - (_isInside ? _inflater.RemainingInput : 0);

    private TensorIOException CutOff() => Error("the file is cut off here: the gzip data go on");

    private TensorIOException Damaged(Exception? inner = null) => Error("the gzip data are damaged", inner);

    private TensorIOException Error(string what, Exception? inner = null) =>
        new($"{path}, offset {Offset} (of the compressed file): {what}", inner);
}
