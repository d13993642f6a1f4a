// Maps words to token numbers.

namespace TorchScratch.Examples.Sentiment;

/// <summary>The words of the training sentences and three special tokens.</summary>
internal sealed class Vocabulary
{
    /// <summary>Fills up sentences that are shorter than the longest.</summary>
    public const long Padding = 0;

    /// <summary>Precedes every sentence; the classifier reads its final state.</summary>
    public const long Start = 1;

    /// <summary>A word that does not occur in the training sentences.</summary>
    public const long Unknown = 2;

    private readonly Dictionary<string, long> _numbers = new(StringComparer.Ordinal);

    public Vocabulary(IEnumerable<Sentence> sentences)
    {
        foreach (var word in sentences.SelectMany(sentence => sentence.Words).Distinct().Order(StringComparer.Ordinal))
            _numbers.Add(word, _numbers.Count + 3);
    }

    public int Count => _numbers.Count + 3;

    /// <summary>The number of words, without the special tokens.</summary>
    public int WordCount => _numbers.Count;

    /// <summary>
    /// Tokens (N, length) of Int64: the start token, the words, and padding up to the longest sentence or to a length.
    /// </summary>
    public Tensor Encode(IReadOnlyList<Sentence> sentences, int length = 0)
    {
        length = Math.Max(length, 1 + sentences.Max(sentence => sentence.Words.Length));
        var tokens = new long[sentences.Count * length];
        for (var i = 0; i < sentences.Count; i++)
        {
            tokens[i * length] = Start;
            for (var j = 0; j < sentences[i].Words.Length; j++)
                tokens[i * length + j + 1] = _numbers.GetValueOrDefault(sentences[i].Words[j], Unknown);
        }
        return Tensor.FromArray(tokens).Reshape(sentences.Count, length);
    }
}
