// A tokenizer with one token for each character.

using System.Text;

namespace TorchScratch.Data;

/// <summary>
/// One token for each character (Unicode scalar value) that occurs in a text, in the order of Unicode. Files are JSON:
/// <c>{"format": "torchscratch-characters", "version": 1, "characters": "\n !abc"}</c>.
/// </summary>
public sealed class CharTokenizer : ITokenizer
{
    private const string Format = "torchscratch-characters";

    private readonly Rune[] _characters;
    private readonly Dictionary<Rune, int> _tokens = [];

    /// <summary>Creates a vocabulary from the characters of a text.</summary>
    /// <exception cref="ArgumentException">The text contains an unpaired surrogate.</exception>
    public CharTokenizer(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        _characters = [.. Runes(text).Distinct().Order()];
        for (var token = 0; token < _characters.Length; token++)
            _tokens[_characters[token]] = token;
    }

    /// <summary>The number of characters.</summary>
    public int VocabularySize => _characters.Length;

    /// <summary>The characters of tokens 0, 1, ...</summary>
    public string Characters => string.Concat(_characters);

    /// <summary>The tokens of a text.</summary>
    /// <exception cref="ArgumentException">
    /// A character is not in the vocabulary; the message names it and its position.
    /// </exception>
    public int[] Encode(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var tokens = new List<int>(text.Length);
        foreach (var character in Runes(text))
        {
            tokens.Add(_tokens.TryGetValue(character, out var token)
                ? token
                : throw new ArgumentException($"character {tokens.Count} is '{character}' (U+{character.Value:X4}), " +
                    $"which is not in the vocabulary of {VocabularySize} characters", nameof(text)));
        }
        return [.. tokens];
    }

    /// <inheritdoc/>
    public string Decode(ReadOnlySpan<int> tokens)
    {
        var text = new StringBuilder(tokens.Length);
        foreach (var token in tokens)
        {
            if ((uint)token >= (uint)_characters.Length)
                throw new ArgumentOutOfRangeException(nameof(tokens), token, $"expected 0 to {_characters.Length - 1}");
            text.Append(_characters[token]);
        }
        return text.ToString();
    }

    /// <summary>Writes the vocabulary to a file, which is replaced only when the new one is complete.</summary>
    /// <exception cref="TensorIOException">The file cannot be written; an old one is unchanged.</exception>
    public void Save(string path) =>
        TokenizerFile.Save(path, Format, json => json.WriteString("characters", Characters));

    /// <summary>Reads a vocabulary that <see cref="Save"/> wrote.</summary>
    /// <exception cref="TensorIOException">The file is missing or damaged, or is not a vocabulary file.</exception>
    public static CharTokenizer Load(string path) =>
        TokenizerFile.Load(path, Format, root => new CharTokenizer(root.GetProperty("characters").GetString()!));

    private static IEnumerable<Rune> Runes(string text)
    {
        for (var i = 0; i < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, i, out var rune))
                throw new ArgumentException($"there is an unpaired surrogate at {i}", nameof(text));
            yield return rune;
            i += rune.Utf16SequenceLength;
        }
    }
}
