// Tokens that are frequent sequences of bytes.

using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace TorchScratch.Data;

/// <summary>
/// Byte-level byte-pair encoding: Sennrich, Haddow, Birch, "Neural machine translation of rare words with subword
/// units" (2016), on bytes and within words as in GPT-2 (Radford et al. 2019). Tokens 0 to 255 are the bytes, then come
/// the merges in the order in which they were learned, then special tokens. Any text can be encoded, and decoding gives
/// it back. Files are JSON: <c>{"format": "torchscratch-byte-pairs", "version": 1, "merges": [[104, 101], [256, 32]],
/// "special": ["&lt;|end|&gt;"]}</c>; the n-th merge, from 0, makes token 256 + n of two tokens before it.
/// </summary>
public sealed partial class BytePairTokenizer : ITokenizer
{
    private const string Format = "torchscratch-byte-pairs";
    private const int MaxTokenBytes = 1 << 16;

    private readonly (int Left, int Right)[] _merges;
    private readonly string[] _special;
    private readonly byte[][] _bytes;
    private readonly BytePairEncoder _encoder;

    /// <summary>A tokenizer of known merges.</summary>
    /// <param name="merges">Pairs of tokens; each may name bytes and merges before it.</param>
    /// <param name="specialTokens">Texts that are one token each, such as <c>&lt;|end|&gt;</c>.</param>
    /// <exception cref="ArgumentException">
    /// A merge names a token that comes later, or a token is there twice.
    /// </exception>
    public BytePairTokenizer(IReadOnlyList<(int Left, int Right)> merges, params IReadOnlyList<string> specialTokens)
    {
        ArgumentNullException.ThrowIfNull(merges);
        ArgumentNullException.ThrowIfNull(specialTokens);
        _merges = [.. merges];
        _special = [.. specialTokens];
        if (_special.Any(string.IsNullOrEmpty) || _special.Distinct().Count() != _special.Length)
            throw new ArgumentException("special tokens are not empty, and none is there twice", nameof(specialTokens));
        _encoder = new BytePairEncoder(_merges);
        _bytes = new byte[256 + _merges.Length][];
        for (var token = 0; token < _bytes.Length; token++)
        {
            _bytes[token] = token < 256
                ? [(byte)token]
                : [.. _bytes[_merges[token - 256].Left], .. _bytes[_merges[token - 256].Right]];
            // Or forty merges, each of the last token with itself, would fill any memory.
            if (_bytes[token].Length > MaxTokenBytes)
                throw new ArgumentException($"token {token} is longer than {MaxTokenBytes} bytes", nameof(merges));
        }
    }

    /// <summary>Bytes, merges and special tokens together.</summary>
    public int VocabularySize => _bytes.Length + _special.Length;

    /// <summary>The merges, in the order in which they were learned.</summary>
    public IReadOnlyList<(int Left, int Right)> Merges => Array.AsReadOnly(_merges);

    /// <summary>The texts of the special tokens, which have the highest numbers.</summary>
    public IReadOnlyList<string> SpecialTokens => Array.AsReadOnly(_special);

    /// <summary>
    /// Learns merges from a text: again and again, the pair of neighbours that is most frequent within words.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="vocabularySize">
    /// Tokens to have in the end, 256 and the special ones at least; fewer, if no pair occurs twice any more.
    /// </param>
    /// <param name="specialTokens">Texts that are one token each and never learned from.</param>
    /// <param name="cancellation">Ends the training with an OperationCanceledException.</param>
    public static BytePairTokenizer Train(string text, int vocabularySize, IReadOnlyList<string>? specialTokens = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(text);
        specialTokens ??= [];
        ArgumentOutOfRangeException.ThrowIfLessThan(vocabularySize, 256 + specialTokens.Count);
        var counts = new Dictionary<string, int>();
        var byText = counts.GetAlternateLookup<ReadOnlySpan<char>>();
        foreach (var (start, length, special) in SpecialParts.Find(text, [.. specialTokens]))
        {
            if (special >= 0)
                continue;
            var part = text.AsSpan(start, length);
            foreach (var word in Words().EnumerateMatches(part))
            {
                var chars = part.Slice(word.Index, word.Length);
                byText[chars] = byText.TryGetValue(chars, out var count) ? count + 1 : 1;
            }
        }
        var merges = new BytePairTrainer(counts).Learn(vocabularySize - 256 - specialTokens.Count, cancellation);
        return new BytePairTokenizer(merges, specialTokens);
    }

    /// <summary>
    /// The tokens of a text, in which special tokens are text like any other: right for what users write.
    /// </summary>
    public int[] Encode(string text) => Encode(text, recognizeSpecial: false);

    /// <summary>The tokens of a text.</summary>
    /// <param name="text">The text; halves of surrogate pairs become U+FFFD.</param>
    /// <param name="recognizeSpecial">Whether the texts of special tokens become those tokens.</param>
    public int[] Encode(string text, bool recognizeSpecial)
    {
        ArgumentNullException.ThrowIfNull(text);
        var tokens = new List<int>(text.Length / 2);
        var buffer = new byte[64];
        foreach (var (start, length, special) in SpecialParts.Find(text, recognizeSpecial ? _special : []))
        {
            if (special >= 0)
            {
                tokens.Add(_bytes.Length + special);
                continue;
            }
            var part = text.AsSpan(start, length);
            foreach (var word in Words().EnumerateMatches(part))
            {
                var chars = part.Slice(word.Index, word.Length);
                if (buffer.Length < Encoding.UTF8.GetMaxByteCount(chars.Length))
                    buffer = new byte[Encoding.UTF8.GetMaxByteCount(chars.Length)];
                _encoder.Encode(buffer.AsSpan(0, Encoding.UTF8.GetBytes(chars, buffer)), tokens);
            }
        }
        return [.. tokens];
    }

    /// <summary>The text of tokens; bytes that are no UTF-8, as in the middle of a character, become U+FFFD.</summary>
    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> tokens) => Encoding.UTF8.GetString(DecodeBytes(tokens));

    /// <summary>The bytes of tokens.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A token is not in the vocabulary.</exception>
    public byte[] DecodeBytes(ReadOnlySpan<int> tokens)
    {
        var bytes = new List<byte>(4 * tokens.Length);
        foreach (var token in tokens)
        {
            if ((uint)token >= (uint)VocabularySize)
                throw new ArgumentOutOfRangeException(nameof(tokens), token, $"expected 0 to {VocabularySize - 1}");
            bytes.AddRange(token < _bytes.Length
                ? _bytes[token]
                : Encoding.UTF8.GetBytes(_special[token - _bytes.Length]));
        }
        return [.. bytes];
    }

    /// <summary>The token of a special text.</summary>
    /// <exception cref="ArgumentException">It is no special token.</exception>
    public int SpecialToken(string text) => Array.IndexOf(_special, text) is >= 0 and var place
        ? _bytes.Length + place
        : throw new ArgumentException($"\"{text}\" is none of the special tokens: {string.Join(", ", _special)}",
            nameof(text));

    /// <summary>Writes merges and special tokens to a file, whole or not at all.</summary>
    /// <exception cref="TensorIOException">The file cannot be written; an old one is as it was.</exception>
    public void Save(string path) => TokenizerFile.Save(path, Format, json =>
    {
        json.WriteStartArray("merges");
        foreach (var (left, right) in _merges)
        {
            json.WriteStartArray();
            json.WriteNumberValue(left);
            json.WriteNumberValue(right);
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteStartArray("special");
        foreach (var special in _special)
            json.WriteStringValue(special);
        json.WriteEndArray();
    });

    /// <summary>Reads a tokenizer that <see cref="Save"/> wrote.</summary>
    /// <exception cref="TensorIOException">The file is missing, damaged, or no tokenizer.</exception>
    public static BytePairTokenizer Load(string path) => TokenizerFile.Load(path, Format, root => new BytePairTokenizer(
        [.. root.GetProperty("merges").EnumerateArray().Select(ReadPair)],
        [.. root.GetProperty("special").EnumerateArray().Select(text => text.GetString()!)]));

    private static (int, int) ReadPair(JsonElement pair) => pair.GetArrayLength() == 2
        ? (pair[0].GetInt32(), pair[1].GetInt32())
        : throw new FormatException($"a merge is a pair of tokens, got {pair.GetRawText()}");

    // GPT-2's: contractions, then letters, digits or signs, each with the space before them, then other white space.
    [GeneratedRegex(@"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
        RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
