// Decompression of deflate data, RFC 1951: https://www.rfc-editor.org/rfc/rfc1951
//
// The platform's decompressor does not say whether the data were complete, nor where they ended, which a reader of
// untrusted files must know.

namespace TorchScratch.IO;

/// <summary>Decompresses one deflate stream and leaves the input at the byte after it.</summary>
internal sealed class Inflater(BitInput input)
{
    private const int History = 1 << 15;
    private const int LongestCopy = 258;

    private static readonly ushort[] s_lengthBase =
        [3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
            258];
    private static readonly byte[] s_lengthBits =
        [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
    private static readonly ushort[] s_distanceBase =
        [1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097,
            6145, 8193, 12289, 16385, 24577];
    private static readonly byte[] s_distanceBits =
        [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
    private static readonly byte[] s_orderOfLengths =
        [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
    private static readonly PrefixCode s_fixedSymbols = FixedSymbols();
    private static readonly PrefixCode s_fixedDistances = PrefixCode.Make([.. Enumerable.Repeat((byte)5, 30), 5, 5])!;

    // The last 32 KiB that have been read, which copies refer to, and what follows them.
    private readonly byte[] _window = new byte[4 * History];
    private int _read;
    private int _written;
    private long _total;

    private bool _isLastBlock;
    private bool _isOver;
    // What is left of a stored block, and the codes of a compressed one; neither between blocks.
    private int _stored;
    private PrefixCode? _symbols;
    private PrefixCode? _distances;

    /// <summary>Begins with the deflate stream at which the input stands.</summary>
    public void Restart()
    {
        (_read, _written, _total, _stored) = (0, 0, 0, 0);
        (_isLastBlock, _isOver, _symbols, _distances) = (false, false, null, null);
    }

    /// <summary>Decompresses up to as many bytes as the buffer holds; 0 at the end of the stream.</summary>
    /// <exception cref="EndOfStreamException">The file ends before the stream does.</exception>
    /// <exception cref="InvalidDataException">The data are damaged.</exception>
    public int Read(Span<byte> buffer)
    {
        while (_read == _written && !_isOver)
            Decompress();
        var count = Math.Min(buffer.Length, _written - _read);
        _window.AsSpan(_read, count).CopyTo(buffer);
        _read += count;
        return count;
    }

    // Called when all that was decompressed has been read. Stops when the window is full, or at the end of a block.
    private void Decompress()
    {
        if (_written > _window.Length / 2)
        {
            _window.AsSpan(_written - History, History).CopyTo(_window);
            _read = _written = History;
        }
        var before = _written;
        if (_stored > 0)
            Store();
        else if (_symbols is not null)
            Decode(_symbols, _distances!);
        else if (_isLastBlock)
        {
            input.AlignToByte();
            _isOver = true;
        }
        else
            BeginBlock();
        _total += _written - before;
    }

    private void BeginBlock()
    {
        _isLastBlock = input.Number(1) != 0;
        switch (input.Number(2))
        {
            case 0:
                input.AlignToByte();
                _stored = input.Number(16);
                if (input.Number(16) != (~_stored & 0xFFFF))
                    throw new InvalidDataException("the two lengths of a stored block differ");
                break;
            case 1:
                (_symbols, _distances) = (s_fixedSymbols, s_fixedDistances);
                break;
            case 2:
                ReadCodes();
                break;
            default:
                throw new InvalidDataException("a block is of no known type");
        }
    }

    private void Store()
    {
        var part = Math.Min(_stored, _window.Length - _written);
        input.Copy(_window.AsSpan(_written, part));
        _written += part;
        _stored -= part;
    }

    private void ReadCodes()
    {
        var symbols = input.Number(5) + 257;
        var distances = input.Number(5) + 1;
        var count = input.Number(4) + 4;
        if (symbols > 286 || distances > 30)
            throw new InvalidDataException("a block declares more symbols than there are");
        Span<byte> lengths = stackalloc byte[286 + 30];
        for (var i = 0; i < count; i++)
            lengths[s_orderOfLengths[i]] = (byte)input.Number(3);
        var code = PrefixCode.Make(lengths[..19]) ?? throw new InvalidDataException("the code of lengths is no code");
        lengths.Clear();
        for (var i = 0; i < symbols + distances;)
        {
            input.Refill();
            var symbol = code.Next(input);
            if (symbol < 16)
            {
                lengths[i++] = (byte)symbol;
                continue;
            }
            if (symbol == 16 && i == 0)
                throw new InvalidDataException("the first length repeats one before it");
            var value = symbol == 16 ? lengths[i - 1] : (byte)0;
            var repeats = symbol switch
            {
                16 => 3 + input.Number(2),
                17 => 3 + input.Number(3),
                _ => 11 + input.Number(7),
            };
            if (i + repeats > symbols + distances)
                throw new InvalidDataException("a block has more lengths than symbols");
            lengths.Slice(i, repeats).Fill(value);
            i += repeats;
        }
        if (lengths[256] == 0)
            throw new InvalidDataException("a block cannot end");
        _symbols = PrefixCode.Make(lengths[..symbols]) ??
            throw new InvalidDataException("the code of symbols is no code");
        _distances = PrefixCode.Make(lengths.Slice(symbols, distances)) ??
            throw new InvalidDataException("the code of distances is no code");
    }

    private void Decode(PrefixCode symbols, PrefixCode distances)
    {
        var window = _window;
        var at = _written;
        while (at <= window.Length - LongestCopy)
        {
            // 48 bits are enough for a length (15 + 5) and a distance (15 + 13).
            if (input.Count < 48)
                input.Refill();
            var symbol = symbols.Next(input);
            if (symbol < 256)
            {
                window[at++] = (byte)symbol;
                continue;
            }
            if (symbol == 256)
            {
                (_symbols, _distances) = (null, null);
                break;
            }
            if (symbol > 285)
                throw new InvalidDataException("a length is of no known kind");
            var length = s_lengthBase[symbol - 257] + input.Number(s_lengthBits[symbol - 257]);
            symbol = distances.Next(input);
            if (symbol > 29)
                throw new InvalidDataException("a distance is of no known kind");
            var distance = s_distanceBase[symbol] + input.Number(s_distanceBits[symbol]);
            if (distance > _total + (at - _written))
                throw new InvalidDataException("a copy refers to what is before the beginning");
            if (distance >= length)
                window.AsSpan(at - distance, length).CopyTo(window.AsSpan(at));
            else if (distance == 1)
                window.AsSpan(at, length).Fill(window[at - 1]);
            else
            {
                // The copy reads what it writes: a pattern that repeats.
                for (var i = 0; i < length; i++)
                    window[at + i] = window[at + i - distance];
            }
            at += length;
        }
        _written = at;
    }

    private static PrefixCode FixedSymbols()
    {
        var lengths = new byte[288];
        for (var i = 0; i < lengths.Length; i++)
            lengths[i] = (byte)(i < 144 ? 8 : i < 256 ? 9 : i < 280 ? 7 : 8);
        return PrefixCode.Make(lengths)!;
    }
}
