// Bits of a compressed file, least significant first, with the position known exactly.

using System.Buffers.Binary;

namespace TorchScratch.IO;

/// <summary>
/// Reads single bits and whole bytes. Bits beyond the end of the file are an error only when they are taken, so a
/// decoder can look ahead.
/// </summary>
internal sealed class BitInput(Stream stream)
{
    private readonly byte[] _buffer = new byte[1 << 16];
    private int _next;
    private int _end;
    private long _before;

    /// <summary>The bits that come next, at least <see cref="Count"/> of them; zeros beyond the end.</summary>
    // Above the valid ones there may be bits of the byte at _next, which the next refill adds again.
    public ulong Bits { get; private set; }

    /// <summary>The number of valid bits in <see cref="Bits"/>.</summary>
    public int Count { get; private set; }

    /// <summary>The bytes of the file that have been taken, one of which may have bits left.</summary>
    public long Position => _before + _next - Count / 8;

    /// <summary>Makes at least 48 bits available, or as many as the file still has.</summary>
    public void Refill()
    {
        if (_end - _next >= 8)
        {
            // Eight bytes at once; those that do not fit are read again.
            Bits |= BinaryPrimitives.ReadUInt64LittleEndian(_buffer.AsSpan(_next)) << Count;
            var bytes = (63 - Count) >> 3;
            _next += bytes;
            Count += bytes * 8;
            return;
        }
        while (Count < 56 && (_next < _end || Load()))
        {
            Bits |= (ulong)_buffer[_next++] << Count;
            Count += 8;
        }
    }

    /// <summary>Takes bits that <see cref="Refill"/> has made available.</summary>
    /// <exception cref="EndOfStreamException">The file ends before them.</exception>
    public void Take(int count)
    {
        if (count > Count)
            throw new EndOfStreamException();
        Bits >>= count;
        Count -= count;
    }

    /// <summary>Takes up to 16 bits as a number.</summary>
    public int Number(int count)
    {
        if (Count < count)
            Refill();
        var value = (int)(Bits & ((1UL << count) - 1));
        Take(count);
        return value;
    }

    /// <summary>Drops the rest of a byte that has been taken in part.</summary>
    public void AlignToByte() => Take(Count & 7);

    /// <summary>Takes the next byte, which begins at the current bit; -1 at the end of the file.</summary>
    public int Byte()
    {
        if (Count < 8)
            Refill();
        return Count < 8 ? -1 : Number(8);
    }

    /// <summary>Copies bytes; the current bit must be the first of a byte.</summary>
    /// <exception cref="EndOfStreamException">The file ends before them.</exception>
    public void Copy(Span<byte> target)
    {
        while (target.Length > 0 && Count >= 8)
        {
            target[0] = (byte)Number(8);
            target = target[1..];
        }
        if (target.Length > 0)
            Bits = 0;
        while (target.Length > 0)
        {
            if (_next == _end && !Load())
                throw new EndOfStreamException();
            var part = Math.Min(target.Length, _end - _next);
            _buffer.AsSpan(_next, part).CopyTo(target);
            _next += part;
            target = target[part..];
        }
    }

    private bool Load()
    {
        _before += _end;
        _next = 0;
        _end = stream.Read(_buffer);
        return _end > 0;
    }
}
