// What a network knows well and what it mixes up, in a line for each class.

using System.Globalization;
using System.Text;
using TorchScratch.Training;

namespace TorchScratch.Examples.CifarTraining;

internal static class ClassTable
{
    /// <summary>
    /// For each class the share of right answers and the most frequent wrong one; the worst classes first.
    /// </summary>
    /// <param name="matrix">Counts of a test.</param>
    /// <param name="most">Lines at most.</param>
    public static string Of(ConfusionMatrix matrix, int most)
    {
        var width = Math.Max("class".Length, matrix.Labels.Max(label => label.Length));
        var text = new StringBuilder("class".PadRight(width)).Append("    right  most often taken for");
        var classes = Enumerable.Range(0, matrix.ClassCount).Where(truth => matrix.CountOf(truth) > 0)
            .OrderBy(Recall).Take(most);
        foreach (var truth in classes)
        {
            var wrong = Enumerable.Range(0, matrix.ClassCount).Where(answer => answer != truth)
                .MaxBy(answer => matrix[truth, answer]);
            text.Append(CultureInfo.InvariantCulture,
                $"\n{matrix.Labels[truth].PadRight(width)}  {100 * Recall(truth),5:0.0} %");
            if (matrix[truth, wrong] > 0)
            {
                text.Append(CultureInfo.InvariantCulture,
                    $"  {matrix.Labels[wrong]}, {matrix[truth, wrong]} of {matrix.CountOf(truth)}");
            }
        }
        return text.ToString();

        double Recall(int truth) => (double)matrix[truth, truth] / matrix.CountOf(truth);
    }
}
