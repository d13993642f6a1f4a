// Draws attention weights on the terminal and in the report.

using TorchScratch.Training;

namespace TorchScratch.Examples.Sentiment;

internal static class Pictures
{
    /// <summary>
    /// Explains, for each kind, the first sentence that is short enough for a terminal, and two with two clauses.
    /// </summary>
    public static Explanation[] Explain(AttentionClassifier model, SentenceData data)
    {
        var chosen = data.Test.GroupBy(sentence => sentence.Kind).OrderBy(group => group.Key)
            .SelectMany(group => group.Where(sentence => sentence.Words.Length <= 16)
                .Take(group.Key == SentenceKind.TwoClauses ? 2 : 1));
        return [.. chosen.Select(sentence => Explanation.Of(model, data.Vocabulary, sentence))];
    }

    /// <summary>Draws the mean over the heads of the last block.</summary>
    public static void Draw(TextWriter output, IEnumerable<Explanation> explanations)
    {
        foreach (var explanation in explanations)
        {
            output.WriteLine(explanation);
            var weights = explanation.MeanOfHeads(explanation.Weights.Length - 1);
            TerminalHeatMap.Draw(output, explanation.Tokens, weights, TerminalHeatMap.HasColor);
            output.WriteLine();
        }
    }

    /// <summary>Puts every block and head into the report and replaces those of an earlier epoch.</summary>
    public static void Show(Report report, IEnumerable<Explanation> explanations)
    {
        report.ClearSamples();
        foreach (var explanation in explanations)
        {
            for (var block = 0; block < explanation.Weights.Length; block++)
            {
                for (var head = 0; head < explanation.Weights[block].Length; head++)
                {
                    report.HeatMaps.Add(new($"{explanation}; block {block + 1}, head {head + 1}",
                        Doubles(explanation.Weights[block][head]), explanation.Tokens, explanation.Tokens));
                }
            }
        }
    }

    private static double[,] Doubles(float[,] values)
    {
        var result = new double[values.GetLength(0), values.GetLength(1)];
        for (var i = 0; i < result.GetLength(0); i++)
        {
            for (var j = 0; j < result.GetLength(1); j++)
                result[i, j] = values[i, j];
        }
        return result;
    }
}
