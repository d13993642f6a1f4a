// The interface of tokenizers.

namespace TorchScratch.Data;

/// <summary>Converts text to tokens, which are integers from 0 to <see cref="VocabularySize"/> - 1, and back.</summary>
public interface ITokenizer
{
    /// <summary>The number of different tokens.</summary>
    int VocabularySize { get; }

    /// <summary>The tokens of a text.</summary>
    int[] Encode(string text);

    /// <summary>The text of tokens.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A token is not in the vocabulary.</exception>
    string Decode(ReadOnlySpan<int> tokens);
}
