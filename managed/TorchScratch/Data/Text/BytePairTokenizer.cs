// A tokenizer whose tokens are frequent sequences of bytes.

using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace TorchScratch.Data;

/// <summary>
/// Byte-level byte-pair encoding: Sennrich, Haddow, Birch, "Neural machine translation of rare words with subword
/// units" (2016), on bytes and within words as in GPT-2 (Radford et al. 2019). Tokens 0 to 255 are the bytes, followed
/// by the merges in the order in which they were learned and by special tokens. Any text can be encoded, and decoding
/// restores it. Files are JSON: <c>{"format": "torchscratch-byte-pairs", "version": 1, "merges": [[104, 101], [256,
/// 32]], "special": ["&lt;|end|&gt;"]}</c>; merge n, counted from 0, makes token 256 + n from two earlier tokens.
/// </summary>
public sealed partial class BytePairTokenizer : ITokenizer
{
    private const string Format = "torchscratch-byte-pairs";
    private const int MaxTokenBytes = 1 << 16;

    private readonly (int Left, int Right)[] _merges;
    private readonly string[] _special;
    // The number of bytes of each token. The bytes themselves would be many times as large as the file of a tokenizer
    // in which every merge makes a longest token.
    private readonly int[] _lengths;
    private readonly BytePairEncoder _encoder;

    /// <summary>Creates a tokenizer from known merges.</summary>
    /// <param name="merges">Pairs of tokens, each of which is a byte or an earlier merge.</param>
    /// <param name="specialTokens">Texts that are encoded as one token each, such as <c>&lt;|end|&gt;</c>.</param>
    /// <exception cref="ArgumentException">
    /// A merge refers to a later token, or a merge or special token is empty or occurs twice.
    /// </exception>
    public BytePairTokenizer(IReadOnlyList<(int Left, int Right)> merges, params IReadOnlyList<string> specialTokens)
    {
        ArgumentNullException.ThrowIfNull(merges);
        ArgumentNullException.ThrowIfNull(specialTokens);
        _merges = [.. merges];
        _special = [.. specialTokens];
        if (_special.Any(string.IsNullOrEmpty) || _special.Distinct().Count() != _special.Length)
            throw new ArgumentException("special tokens must be distinct and not empty", nameof(specialTokens));
        _encoder = new BytePairEncoder(_merges);
        _lengths = new int[256 + _merges.Length];
        for (var token = 0; token < _lengths.Length; token++)
        {
            _lengths[token] = token < 256
                ? 1
                : _lengths[_merges[token - 256].Left] + _lengths[_merges[token - 256].Right];
            // Without a limit, a few merges of the last token with itself would make one that exhausts the memory.
            if (_lengths[token] > MaxTokenBytes)
                throw new ArgumentException($"token {token} is longer than {MaxTokenBytes} bytes", nameof(merges));
        }
    }

    /// <summary>The number of tokens: bytes, merges and special tokens.</summary>
    public int VocabularySize => _lengths.Length + _special.Length;

    /// <summary>The merges, in the order in which they were learned.</summary>
    public IReadOnlyList<(int Left, int Right)> Merges => Array.AsReadOnly(_merges);

    /// <summary>The texts of the special tokens, which have the highest token numbers.</summary>
    public IReadOnlyList<string> SpecialTokens => Array.AsReadOnly(_special);

    /// <summary>
    /// Learns merges from a text: repeatedly, the pair of adjacent tokens that is most frequent within words.
    /// </summary>
    /// <param name="text">The text.</param>
    /// <param name="vocabularySize">
    /// The number of tokens to reach, at least 256 and the special ones. Training ends earlier if no pair occurs twice.
    /// </param>
    /// <param name="specialTokens">Texts that are encoded as one token each; nothing is learned from them.</param>
    /// <param name="cancellation">Stops the training with an OperationCanceledException.</param>
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
    /// The tokens of a text, in which the texts of special tokens are ordinary text: use this for untrusted input.
    /// </summary>
    public int[] Encode(string text) => Encode(text, recognizeSpecial: false);

    /// <summary>The tokens of a text.</summary>
    /// <param name="text">The text; unpaired surrogates become U+FFFD.</param>
    /// <param name="recognizeSpecial">Whether the texts of special tokens are encoded as those tokens.</param>
    public int[] Encode(string text, bool recognizeSpecial)
    {
        ArgumentNullException.ThrowIfNull(text);
        var tokens = new List<int>(text.Length / 2);
        var buffer = new byte[64];
        foreach (var (start, length, special) in SpecialParts.Find(text, recognizeSpecial ? _special : []))
        {
            if (special >= 0)
            {
                tokens.Add(_lengths.Length + special);
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

    /// <summary>
    /// The text of tokens; bytes that are not valid UTF-8, for example an incomplete character, become U+FFFD.
    /// </summary>
    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> tokens) => Encoding.UTF8.GetString(DecodeBytes(tokens));

    /// <summary>The bytes of tokens.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A token is not in the vocabulary.</exception>
    /// <exception cref="ArgumentException">There are more bytes than fit into an array.</exception>
    public byte[] DecodeBytes(ReadOnlySpan<int> tokens)
    {
        var length = 0L;
        foreach (var token in tokens)
        {
            if ((uint)token >= (uint)VocabularySize)
                throw new ArgumentOutOfRangeException(nameof(tokens), token, $"expected 0 to {VocabularySize - 1}");
            length += token < _lengths.Length
                ? _lengths[token]
                : Encoding.UTF8.GetByteCount(_special[token - _lengths.Length]);
        }
        if (length > Array.MaxLength)
            throw new ArgumentException($"the tokens stand for {length} bytes, more than fit into an array",
                nameof(tokens));
        var bytes = new byte[length];
        var at = 0;
        var pending = new Stack<int>();
        foreach (var token in tokens)
        {
            if (token >= _lengths.Length)
                at += Encoding.UTF8.GetBytes(_special[token - _lengths.Length], bytes.AsSpan(at));
            else
                Expand(token, bytes, ref at, pending);
        }
        return bytes;
    }

    // A merge is its left part followed by its right part; merges may be nested too deeply for recursion.
    private void Expand(int token, byte[] bytes, ref int at, Stack<int> pending)
    {
        pending.Push(token);
        while (pending.TryPop(out var part))
        {
            for (; part >= 256; part = _merges[part - 256].Left)
                pending.Push(_merges[part - 256].Right);
            bytes[at++] = (byte)part;
        }
    }

    /// <summary>The token of a special text.</summary>
    /// <exception cref="ArgumentException">The text is not a special token.</exception>
    public int SpecialToken(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Array.IndexOf(_special, text) is >= 0 and var index
            ? _lengths.Length + index
            : throw new ArgumentException($"\"{text}\" is not one of the special tokens: {string.Join(", ", _special)}",
                nameof(text));
    }

    /// <summary>
    /// Writes merges and special tokens to a file, which is replaced only when the new one is complete.
    /// </summary>
    /// <exception cref="TensorIOException">The file cannot be written; an old one is unchanged.</exception>
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
    /// <exception cref="TensorIOException">The file is missing or damaged, or is not a tokenizer file.</exception>
    public static BytePairTokenizer Load(string path) => TokenizerFile.Load(path, Format, root => new BytePairTokenizer(
        [.. root.GetProperty("merges").EnumerateArray().Select(ReadPair)],
        [.. root.GetProperty("special").EnumerateArray().Select(text => text.GetString()!)]));

    private static (int, int) ReadPair(JsonElement pair) => pair.GetArrayLength() == 2
        ? (pair[0].GetInt32(), pair[1].GetInt32())
        : throw new FormatException($"a merge must be a pair of tokens, got {pair.GetRawText()}");

    // The pattern of GPT-2: contractions; runs of letters, digits or other characters, each with a preceding space; and
    // other white space.
    [GeneratedRegex(@"'(?:[sdmt]|ll|ve|re)| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+",
        RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
