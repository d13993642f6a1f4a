// Which digits the network takes for which.

using System.Text;

namespace TorchScratch.Examples.MnistTraining;

internal sealed class ConfusionMatrix(int classes)
{
    private readonly int[,] _counts = new int[classes, classes];

    public int Total { get; private set; }

    public int Correct { get; private set; }

    /// <summary>The part of right answers, in percent.</summary>
    public double Accuracy => Total == 0 ? 0 : 100.0 * Correct / Total;

    public void Add(long truth, int answer)
    {
        _counts[truth, answer]++;
        Total++;
        if (truth == answer)
            Correct++;
    }

    /// <summary>A table with a row for each digit and a column for each answer; 0 is a dot, so that errors stand out.</summary>
    public override string ToString()
    {
        var text = new StringBuilder("digit \\ answer");
        for (var answer = 0; answer < classes; answer++)
            text.Append($"{answer,6}");
        for (var truth = 0; truth < classes; truth++)
        {
            text.Append($"\n{truth,14}");
            for (var answer = 0; answer < classes; answer++)
                text.Append(_counts[truth, answer] == 0 ? "     ." : $"{_counts[truth, answer],6}");
        }
        return text.ToString();
    }
}
