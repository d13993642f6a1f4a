// Generates the sentences: opinions in one or two clauses, plain or negated, with some combinations held out.

namespace TorchScratch.Examples.Sentiment;

/// <summary>
/// Generates sentences such as "although the plot was dull , the music was not bad at all". Pairs of a modifier ("far
/// from") or a subject with an adjective are split: some occur in training, the others only in the test, so that the
/// test requires rules rather than memory.
/// </summary>
internal static class Grammar
{
    private static readonly string[] Subjects =
        ["plot", "music", "acting", "ending", "food", "service", "room", "view", "story", "sound", "staff", "price"];

    private static readonly string[] Praise =
        ["good", "great", "lovely", "brilliant", "charming", "pleasant", "superb", "clever", "moving", "perfect"];

    private static readonly string[] Blame =
        ["bad", "awful", "dull", "boring", "terrible", "weak", "poor", "silly", "annoying", "dreadful"];

    // The first modifiers do not change the meaning of an adjective.
    private const int PlainModifiers = 5;

    private static readonly Modifier[] Modifiers =
    [
        new("", "", false), new("really", "", false), new("truly", "", false), new("quite", "", false),
        new("nothing but", "", false),
        new("not", "", true), new("not", "at all", true), new("never", "", true), new("hardly", "", true),
        new("far from", "", true), new("anything but", "", true),
    ];

    /// <summary>Generates distinct sentences, about half of them praise.</summary>
    /// <param name="count">Their number.</param>
    /// <param name="heldOut">
    /// Whether the deciding clause has a pair that is held out from training; otherwise no clause has one.
    /// </param>
    /// <param name="random">The source of randomness.</param>
    public static IReadOnlyList<Sentence> Draw(int count, bool heldOut, Random random)
    {
        var sentences = new List<Sentence>(count);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (sentences.Count < count)
        {
            var sentence = Draw(heldOut, random);
            if (seen.Add(sentence.Text))
                sentences.Add(sentence);
        }
        return sentences;
    }

    private static Sentence Draw(bool heldOut, Random random)
    {
        var deciding = DrawClause(random.Next(2) == 0, heldOut, random);
        if (random.Next(2) == 0)
        {
            var kind = deciding.Modifier.Negates ? SentenceKind.Negated : SentenceKind.Plain;
            return new(Words(deciding.Text), deciding.IsPositive, kind);
        }
        // The other clause expresses the opposite, so that both orders of the two have the same words.
        var other = DrawClause(!deciding.IsPositive, heldOut: false, random);
        var text = random.Next(3) switch
        {
            0 => $"{other.Text} but {deciding.Text}",
            1 => $"although {other.Text} , {deciding.Text}",
            _ => $"{deciding.Text} although {other.Text}",
        };
        return new(Words(text), deciding.IsPositive, SentenceKind.TwoClauses);
    }

    private static Clause DrawClause(bool isPositive, bool heldOut, Random random)
    {
        while (true)
        {
            var (subject, adjective) = (random.Next(Subjects.Length), random.Next(Praise.Length));
            // One adjective in three is negated. With one in two, no single word would carry information, and the
            // networks could not begin to learn.
            var modifier = random.Next(3) == 0
                ? random.Next(PlainModifiers, Modifiers.Length)
                : random.Next(PlainModifiers);
            var word = (isPositive != Modifiers[modifier].Negates ? Praise : Blame)[adjective];
            var isHeldOut = (2 * subject + adjective) % 5 == 0 || (modifier > 0 && (3 * modifier + adjective) % 5 == 0);
            if (isHeldOut == heldOut)
                return new(Subjects[subject], Modifiers[modifier], word, isPositive);
        }
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    // The words around an adjective, and whether they negate it.
    private sealed record Modifier(string Before, string After, bool Negates);

    private sealed record Clause(string Subject, Modifier Modifier, string Adjective, bool IsPositive)
    {
        public string Text => $"the {Subject} was {Modifier.Before} {Adjective} {Modifier.After}".Trim();
    }
}
