// Words as numbers.

namespace TorchScratch.Examples.Sentiment;

/// <summary>The words of the training sentences, and three tokens that are no words.</summary>
internal sealed class Vocabulary
{
    /// <summary>Behind the end of a sentence that is shorter than others.</summary>
    public const long Padding = 0;

    /// <summary>Before every sentence: what it becomes, the classifier reads.</summary>
    public const long Start = 1;

    /// <summary>A word that training did not meet.</summary>
    public const long Unknown = 2;

    private readonly Dictionary<string, long> _numbers = new(StringComparer.Ordinal);

    public Vocabulary(IEnumerable<Sentence> sentences)
    {
        foreach (var word in sentences.SelectMany(sentence => sentence.Words).Distinct().Order(StringComparer.Ordinal))
            _numbers.Add(word, _numbers.Count + 3);
    }

    public int Count => _numbers.Count + 3;

    /// <summary>Without the tokens that are no words.</summary>
    public int WordCount => _numbers.Count;

    /// <summary>
    /// (N, length) numbers of tokens, Int64: the start, the words, and padding up to the longest or to a length.
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
