// The sentences: opinions in one clause or two, plain or turned around, and which combinations are kept from training.

namespace TorchScratch.Examples.Sentiment;

/// <summary>
/// Draws sentences such as "although the plot was dull , the music was not bad at all". Pairs of a turn ("far from") or
/// a subject with an adjective are split: some are met in training, the others only in the test, so that the test asks
/// for rules and not for memory.
/// </summary>
internal static class Grammar
{
    private static readonly string[] Subjects =
        ["plot", "music", "acting", "ending", "food", "service", "room", "view", "story", "sound", "staff", "price"];

    private static readonly string[] Praise =
        ["good", "great", "lovely", "brilliant", "charming", "pleasant", "superb", "clever", "moving", "perfect"];

    private static readonly string[] Blame =
        ["bad", "awful", "dull", "boring", "terrible", "weak", "poor", "silly", "annoying", "dreadful"];

    // The first ones leave an adjective what it is.
    private const int PlainTurns = 5;

    private static readonly Turn[] Turns =
    [
        new("", "", false), new("really", "", false), new("truly", "", false), new("quite", "", false),
        new("nothing but", "", false),
        new("not", "", true), new("not", "at all", true), new("never", "", true), new("hardly", "", true),
        new("far from", "", true), new("anything but", "", true),
    ];

    /// <summary>Different sentences, half of them praise as far as chance has it.</summary>
    /// <param name="count">Their number.</param>
    /// <param name="heldOut">Whether the deciding clause has a pair that training never meets; else no clause has
    /// one.</param>
    /// <param name="random">Decides which.</param>
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
            var kind = deciding.Turn.Flips ? SentenceKind.Negated : SentenceKind.Plain;
            return new(Words(deciding.Text), deciding.IsPositive, kind);
        }
        // The other clause says the opposite, so both sentences that the two make have the same words.
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
            // One adjective in three is turned around: were it one in two, no word would say anything by itself, and
            // learning would have nothing to begin with.
            var turn = random.Next(3) == 0 ? random.Next(PlainTurns, Turns.Length) : random.Next(PlainTurns);
            var word = (isPositive != Turns[turn].Flips ? Praise : Blame)[adjective];
            var isHeldOut = (2 * subject + adjective) % 5 == 0 || (turn > 0 && (3 * turn + adjective) % 5 == 0);
            if (isHeldOut == heldOut)
                return new(Subjects[subject], Turns[turn], word, isPositive);
        }
    }

    private static string[] Words(string text) => text.Split(' ', StringSplitOptions.RemoveEmptyEntries);

    // What stands around an adjective, and whether it says the opposite then.
    private sealed record Turn(string Before, string After, bool Flips);

    private sealed record Clause(string Subject, Turn Turn, string Adjective, bool IsPositive)
    {
        public string Text => $"the {Subject} was {Turn.Before} {Adjective} {Turn.After}".Trim();
    }
}
