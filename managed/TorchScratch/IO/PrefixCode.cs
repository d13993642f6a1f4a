// The prefix codes of deflate, which are determined by the lengths of their words.

namespace TorchScratch.IO;

/// <summary>Decodes symbols: short words with one look into a table, the rare long ones bit by bit.</summary>
internal sealed class PrefixCode
{
    private const int MaxLength = 15;
    private const int TableBits = 10;

    // For the next bits: symbol * 16 + length of the word; 0 for a word that is longer, or that does not exist.
    private readonly ushort[] _table = new ushort[1 << TableBits];
    // The number of words of each length, and the symbols in the order of their words.
    private readonly ushort[] _counts = new ushort[MaxLength + 1];
    private readonly ushort[] _symbols;

    private PrefixCode(int symbols) => _symbols = new ushort[symbols];

    /// <summary>The code with these lengths, 0 for symbols that do not occur; null if there is none.</summary>
    public static PrefixCode? Make(ReadOnlySpan<byte> lengths)
    {
        var code = new PrefixCode(lengths.Length);
        foreach (var length in lengths)
            code._counts[length]++;
        var used = lengths.Length - code._counts[0];
        code._counts[0] = 0;
        // Words that are still free; the code must use all of them, except that it may consist of a single word of one
        // bit, or, for distances in a block without copies, of none.
        var free = 1;
        Span<int> next = stackalloc int[MaxLength + 2];
        Span<int> word = stackalloc int[MaxLength + 2];
        for (var length = 1; length <= MaxLength; length++)
        {
            free = 2 * free - code._counts[length];
            if (free < 0)
                return null;
            next[length + 1] = next[length] + code._counts[length];
            word[length + 1] = (word[length] + code._counts[length]) << 1;
        }
        if (free > 0 && !(used == 0 || (used == 1 && code._counts[1] == 1)))
            return null;
        for (var symbol = 0; symbol < lengths.Length; symbol++)
        {
            var length = lengths[symbol];
            if (length == 0)
                continue;
            code._symbols[next[length]++] = (ushort)symbol;
            var bits = Reverse(word[length]++, length);
            for (; length <= TableBits && bits < 1 << TableBits; bits += 1 << length)
                code._table[bits] = (ushort)(symbol << 4 | length);
        }
        return code;
    }

    /// <summary>Takes one word; the input must have been refilled.</summary>
    /// <exception cref="EndOfStreamException">The file ends before the word does.</exception>
    /// <exception cref="InvalidDataException">The code has no such word.</exception>
    public int Next(BitInput input)
    {
        var entry = _table[(int)input.Bits & ((1 << TableBits) - 1)];
        if (entry == 0)
            return LongWord(input);
        input.Take(entry & 15);
        return entry >> 4;
    }

    // Words of a length are consecutive numbers, so the first word of each length and the counts identify a word.
    private int LongWord(BitInput input)
    {
        var (word, first, index) = (0, 0, 0);
        for (var length = 1; length <= MaxLength; length++)
        {
            word |= (int)(input.Bits >> (length - 1)) & 1;
            var count = _counts[length];
            if (word - first < count)
            {
                input.Take(length);
                return _symbols[index + word - first];
            }
            index += count;
            first = (first + count) << 1;
            word <<= 1;
        }
        throw input.Count < MaxLength
            ? new EndOfStreamException()
            : new InvalidDataException("the bits are no word of the code");
    }

    private static int Reverse(int bits, int count)
    {
        var result = 0;
        for (; count > 0; count--, bits >>= 1)
            result = result << 1 | (bits & 1);
        return result;
    }
}
