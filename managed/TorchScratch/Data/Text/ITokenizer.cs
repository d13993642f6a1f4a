// Text as numbers, and back.

namespace TorchScratch.Data;

/// <summary>Turns text into tokens, numbers from 0 to <see cref="VocabularySize"/> - 1, and back.</summary>
public interface ITokenizer
{
    /// <summary>The number of tokens that there are.</summary>
    int VocabularySize { get; }

    /// <summary>The tokens of a text.</summary>
    int[] Encode(string text);

    /// <summary>The text of tokens.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A token is not in the vocabulary.</exception>
    string Decode(ReadOnlySpan<int> tokens);
}
