// A table with the recall and the most frequent confusion of each class.

using System.Globalization;
using System.Text;
using TorchScratch.Training;

namespace TorchScratch.Examples.CifarTraining;

internal static class ClassTable
{
    /// <summary>
    /// For each class the fraction of its images that are classified correctly and the most frequent error, with the
    /// worst classes first.
    /// </summary>
    /// <param name="matrix">The confusion matrix of a test.</param>
    /// <param name="most">The largest number of classes to list.</param>
    public static string Of(ConfusionMatrix matrix, int most)
    {
        var width = Math.Max("class".Length, matrix.Labels.Max(label => label.Length));
        var text = new StringBuilder("class".PadRight(width)).Append("  correct  most often taken for");
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
