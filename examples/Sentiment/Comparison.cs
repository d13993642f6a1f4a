// Both networks side by side, by what makes a sentence hard.

using System.Globalization;

namespace TorchScratch.Examples.Sentiment;

internal static class Comparison
{
    /// <summary>Shares of right answers as a table.</summary>
    public static string Table(IReadOnlyList<Sentence> test, bool[] attention, bool[] bag)
    {
        var lines = new List<string> { "right answers in the test   sentences   attention   bag of words" };
        foreach (var kind in test.Select(sentence => sentence.Kind).Distinct().Order())
        {
            var name = kind == SentenceKind.TwoClauses ? "two clauses" : kind.ToString().ToLowerInvariant();
            lines.Add(Line(name, sentence => sentence.Kind == kind));
        }
        lines.Add(Line("all", _ => true));
        return string.Join('\n', lines);

        string Line(string name, Predicate<Sentence> includes)
        {
            var count = test.Count(sentence => includes(sentence));
            var (first, second) = (Share(attention, test, includes), Share(bag, test, includes));
            return string.Create(CultureInfo.InvariantCulture,
                $"{name,-27} {count,9} {100 * first,9:0.00} % {100 * second,12:0.00} %");
        }
    }

    private static double Share(bool[] answers, IReadOnlyList<Sentence> sentences, Predicate<Sentence> includes)
    {
        var meant = sentences.Zip(answers).Where(pair => includes(pair.First)).ToList();
        return (double)meant.Count(pair => pair.First.IsPositive == pair.Second) / Math.Max(1, meant.Count);
    }
}
