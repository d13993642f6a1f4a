// What is done to a file, as bytes and as a list of steps.

using System.Buffers.Binary;
using System.Globalization;
using System.IO.Compression;
using System.Text;

namespace TorchScratch.Fuzz.Files;

internal sealed class Damage
{
    private static readonly string[] Numbers =
    [
        "0", "-1", "1", "255", "256", "65536", "2147483647", "2147483648", "-2147483649", "4294967296",
        "9223372036854775807", "9223372036854775808", "18446744073709551615", "99999999999999999999999", "1e999", "1.5",
        "-0", "NaN", "00", "1e9",
    ];

    private static readonly string[] Pieces =
        ["\"", "{", "}", "[", "]", ",", "\n", "\r", "\0", "null", "true", "\\u0000", "\\ud800", "\uFEFF", "\"a\":1,", ";", " "];

    private readonly Random _random;
    private readonly byte[][] _others;
    private readonly StringBuilder _text = new();
    private byte[] _bytes;

    public Damage(Random random, FileReader reader, byte[][] others, byte[] file)
    {
        (_random, _others, _bytes) = (random, others, file);
        _text.Append(CultureInfo.InvariantCulture, $"file {Array.IndexOf(others, file)} of {file.Length} bytes");
        if (reader.OnlyTruncate || random.Next(8) == 0)
        {
            Truncate();
            MustBeRefused = reader.KnowsItsLength && _bytes.Length < file.Length;
        }
        else if (reader.Container == Container.Gzip && random.Next(3) != 0)
        {
            Compressed();
        }
        else if (reader.Container == Container.SafeTensors && random.Next(3) != 0)
        {
            Header();
        }
        else
        {
            Several();
        }
        Bytes = _bytes;
        Text = _text.ToString();
    }

    /// <summary>The file.</summary>
    public byte[] Bytes { get; }

    /// <summary>The steps.</summary>
    public string Text { get; }

    /// <summary>Whether no reader may accept it.</summary>
    public bool MustBeRefused { get; private set; }

    private void Several()
    {
        var steps = _random.Next(5) switch { 0 => 0, 1 or 2 => 1, 3 => 2, _ => 5 };
        for (var step = 0; step < steps; step++)
            Step();
    }

    private void Step()
    {
        if (_bytes.Length == 0)
        {
            Replace(0, 0, Encoding.UTF8.GetBytes(Pieces[_random.Next(Pieces.Length)]), "insert");
            return;
        }
        var at = _random.Next(_bytes.Length);
        switch (_random.Next(12))
        {
            case 0:
                Truncate();
                break;
            case 1:
                var flipped = (byte[])_bytes.Clone();
                flipped[at] ^= (byte)(1 << _random.Next(8));
                Set(flipped, $"flip a bit of byte {at}");
                break;
            case 2:
                Replace(at, 1, [new byte[] { 0, 1, 0x7F, 0x80, 0xFF, 0xC0 }[_random.Next(6)]], "set");
                break;
            case 3:
                Replace(at, Math.Min(_random.Next(1, 64), _bytes.Length - at), [], "remove");
                break;
            case 4:
                var length = Math.Min(_random.Next(1, 64), _bytes.Length - at);
                Replace(at, 0, _bytes[at..(at + length)], "repeat");
                break;
            case 5:
                var other = _others[_random.Next(_others.Length)];
                var from = _random.Next(other.Length + 1);
                Replace(at, _bytes.Length - at, other[from..], $"splice another file from {from}");
                break;
            case 6:
                Replace(at, 0, Encoding.UTF8.GetBytes(Pieces[_random.Next(Pieces.Length)]), "insert");
                break;
            case 7 or 8:
                Number(at);
                break;
            case 9:
                Integer(at);
                break;
            case 10:
                Duplicate(at);
                break;
            default:
                Replace(at, 0, Encoding.UTF8.GetBytes(new string(Pieces[_random.Next(5)][0], _random.Next(1, 20_000))),
                    "insert many");
                break;
        }
    }

    private void Truncate()
    {
        // Near the end half of the time, where trailers are.
        var left = _random.Next(2) == 0 ? _random.Next(_bytes.Length + 1)
            : Math.Max(0, _bytes.Length - _random.Next(1, 20));
        Set(_bytes[..left], $"keep {left} bytes");
    }

    // The next number in digits becomes another one.
    private void Number(int at)
    {
        while (at < _bytes.Length && !char.IsAsciiDigit((char)_bytes[at]))
            at++;
        var end = at;
        while (end < _bytes.Length && char.IsAsciiDigit((char)_bytes[end]))
            end++;
        if (end > at)
            Replace(at, end - at, Encoding.ASCII.GetBytes(Numbers[_random.Next(Numbers.Length)]), "number");
    }

    // Four or eight bytes become an extreme integer, in either order.
    private void Integer(int at)
    {
        var values = new[] { 0, 1, -1, int.MaxValue, int.MinValue, long.MaxValue, long.MinValue, 1L << 31, 1L << 40, 99_999_999 };
        var value = values[_random.Next(values.Length)];
        var piece = new byte[_random.Next(2) == 0 ? 4 : 8];
        if (piece.Length == 4 && _random.Next(2) == 0)
            BinaryPrimitives.WriteInt32BigEndian(piece, (int)value);
        else if (piece.Length == 4)
            BinaryPrimitives.WriteInt32LittleEndian(piece, (int)value);
        else
            BinaryPrimitives.WriteInt64LittleEndian(piece, value);
        // Often at the beginning, where lengths are.
        at = _random.Next(2) == 0 ? Math.Min(at, 4 * _random.Next(5)) : at;
        Replace(at, Math.Min(piece.Length, _bytes.Length - at), piece, "integer");
    }

    // A key with its value, or a line, once more.
    private void Duplicate(int at)
    {
        var start = Array.LastIndexOf(_bytes, (byte)'"', at);
        var end = Array.FindIndex(_bytes, at, value => value is (byte)',' or (byte)'\n' or (byte)'}');
        if (start < 0 || end < start)
            return;
        for (var quotes = 0; start > 0 && quotes < _random.Next(4); quotes++)
            start = Math.Max(0, Array.LastIndexOf(_bytes, (byte)'"', start - 1));
        Replace(start, 0, [.. _bytes[start..end], (byte)','], "duplicate");
    }

    private void Compressed()
    {
        switch (_random.Next(40))
        {
            case < 7:
                // The checks at the end of a member: a CRC and the length.
                var broken = (byte[])_bytes.Clone();
                broken[^_random.Next(1, 9)] ^= (byte)_random.Next(1, 256);
                Set(broken, "change the trailer");
                MustBeRefused = true;
                break;
            case < 13:
                var garbage = new byte[_random.Next(1, 40)];
                _random.NextBytes(garbage);
                Set([.. _bytes, .. garbage], $"append {garbage.Length} bytes");
                break;
            case < 19:
                Set([.. _bytes, .. _others[_random.Next(_others.Length)]], "append another member");
                break;
            case 19:
                // A small file with a large content. Rarely: it takes as long as a hundred others.
                var large = new byte[_random.Next(1, 100) << 20];
                Array.Fill(large, (byte)",\n0\0a"[_random.Next(5)]);
                var content = Unzip(_bytes);
                Set(Zip([.. content, .. large]), $"append {large.Length} equal bytes to the content");
                break;
            default:
                Set(Unzip(_bytes), "decompress");
                Several();
                Set(Zip(_bytes), "compress");
                break;
        }
    }

    // Damages the header alone and then puts the right length before it.
    private void Header()
    {
        if (_bytes.Length < 8)
            return;
        var length = (int)Math.Min(BinaryPrimitives.ReadUInt64LittleEndian(_bytes), (ulong)_bytes.Length - 8);
        var data = _bytes[(8 + length)..];
        Set(_bytes[8..(8 + length)], "header");
        Several();
        var prefix = new byte[8];
        BinaryPrimitives.WriteInt64LittleEndian(prefix, _bytes.Length);
        Set([.. prefix, .. _bytes, .. data], "put together");
    }

    private void Replace(int at, int count, byte[] piece, string what) =>
        Set([.. _bytes[..at], .. piece, .. _bytes[(at + count)..]], $"{what} at {at}: " +
            $"{count} bytes by {(piece.Length <= 24 ? Printable(piece) : $"{piece.Length} bytes")}");

    private void Set(byte[] bytes, string step)
    {
        _bytes = bytes;
        _text.Append("; ").Append(step);
    }

    private static string Printable(byte[] piece) => Array.TrueForAll(piece, value => value is >= 0x20 and < 0x7F)
        ? $"'{Encoding.ASCII.GetString(piece)}'" : $"0x{Convert.ToHexString(piece)}";

    private static byte[] Unzip(byte[] bytes)
    {
        using var content = new MemoryStream();
        using var stream = new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        stream.CopyTo(content);
        return content.ToArray();
    }

    private static byte[] Zip(byte[] content)
    {
        using var file = new MemoryStream();
        using (var stream = new GZipStream(file, CompressionLevel.Fastest, leaveOpen: true))
            stream.Write(content);
        return file.ToArray();
    }
}
