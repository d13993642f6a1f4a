// A sentence and its label.

namespace TorchScratch.Examples.Sentiment;

/// <summary>The kinds of sentences, by difficulty.</summary>
internal enum SentenceKind
{
    /// <summary>One clause, whose adjective decides.</summary>
    Plain,

    /// <summary>One clause with a negated adjective.</summary>
    Negated,

    /// <summary>Two clauses of opposite opinions, of which one decides.</summary>
    TwoClauses,

    /// <summary>Read from a file.</summary>
    Given,
}

/// <summary>The words of a sentence, and whether it is praise.</summary>
internal sealed record Sentence(string[] Words, bool IsPositive, SentenceKind Kind)
{
    public string Text => string.Join(' ', Words);
}
