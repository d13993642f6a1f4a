// A sentence and what it says.

namespace TorchScratch.Examples.Sentiment;

/// <summary>What makes a sentence hard.</summary>
internal enum SentenceKind
{
    /// <summary>One clause, whose adjective says it all.</summary>
    Plain,

    /// <summary>One clause whose adjective is turned around.</summary>
    Negated,

    /// <summary>Two clauses of opposite opinions, of which one decides.</summary>
    TwoClauses,

    /// <summary>From a file of the user's.</summary>
    Given,
}

/// <summary>Words, and whether they are praise.</summary>
internal sealed record Sentence(string[] Words, bool IsPositive, SentenceKind Kind)
{
    public string Text => string.Join(' ', Words);
}
