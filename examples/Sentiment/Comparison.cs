// Compares both networks by kind of sentence.

using System.Globalization;

namespace TorchScratch.Examples.Sentiment;

internal static class Comparison
{
    /// <summary>A table of the fractions of correct predictions.</summary>
    public static string Table(IReadOnlyList<Sentence> test, bool[] attention, bool[] bag)
    {
        var lines = new List<string> { "correct in the test         sentences   attention   bag of words" };
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
            var (first, second) = (Fraction(attention, test, includes), Fraction(bag, test, includes));
            return string.Create(CultureInfo.InvariantCulture,
                $"{name,-27} {count,9} {100 * first,9:0.00} % {100 * second,12:0.00} %");
        }
    }

    private static double Fraction(bool[] answers, IReadOnlyList<Sentence> sentences, Predicate<Sentence> includes)
    {
        var included = sentences.Zip(answers).Where(pair => includes(pair.First)).ToList();
        return (double)included.Count(pair => pair.First.IsPositive == pair.Second) / Math.Max(1, included.Count);
    }
}
