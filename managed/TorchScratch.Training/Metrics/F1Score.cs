// The harmonic mean of precision and recall.

namespace TorchScratch.Training;

/// <summary>How the scores of the classes are averaged.</summary>
public enum F1Average
{
    /// <summary>The unweighted mean over classes.</summary>
    Macro,

    /// <summary>
    /// Computed from the counts of all classes together; with one label per sample this is the accuracy.
    /// </summary>
    Micro,

    /// <summary>The mean over classes, weighted by their numbers of samples.</summary>
    Weighted,
}

/// <summary>
/// F1 = 2 TP / (2 TP + FP + FN): van Rijsbergen, "Information Retrieval" (1979). A class that neither occurs nor is
/// predicted has no score and is left out of the average. Shapes are as for <see cref="ConfusionMatrix"/>.
/// </summary>
public sealed class F1Score : Metric
{
    private readonly ConfusionMatrix _matrix;
    private readonly F1Average _average;

    /// <summary>Creates a metric over no samples.</summary>
    /// <param name="classes">The number of classes.</param>
    /// <param name="average">How the scores of the classes are averaged.</param>
    /// <param name="classDim">The class dimension of the scores; -1 for (N, ..., C).</param>
    /// <param name="ignoreIndex">A target value to ignore, such as padding; null for none.</param>
    /// <param name="name">Its name; <c>F1</c> if not given.</param>
    public F1Score(int classes, F1Average average = F1Average.Macro, int classDim = 1, long? ignoreIndex = null,
        string name = "F1") : base(name)
    {
        _matrix = new ConfusionMatrix(classes, null, classDim, ignoreIndex, name);
        _average = average;
    }

    /// <inheritdoc/>
    public override double Value => Average(PerClass());

    /// <summary>
    /// TP / (TP + FP), averaged in the same way: the fraction of the predictions of a class that are correct.
    /// </summary>
    public double Precision => Average(PrecisionPerClass());

    /// <summary>
    /// TP / (TP + FN), averaged in the same way: the fraction of the samples of a class that are found.
    /// </summary>
    public double Recall => Average(RecallPerClass());

    /// <summary>F1 of each class; NaN for one that neither occurs nor is predicted.</summary>
    public double[] PerClass() => Of(i => Ratio(2 * _matrix[i, i], _matrix.CountOf(i) + _matrix.AnswersOf(i)));

    /// <summary>
    /// Precision of each class: 0 for a class that occurs but is never predicted, NaN for one that does neither.
    /// </summary>
    public double[] PrecisionPerClass() => Of(i => Ratio(_matrix[i, i], _matrix.AnswersOf(i), IsSeen(i)));

    /// <summary>
    /// Recall of each class: 0 for a class that is predicted but never occurs, NaN for one that does neither.
    /// </summary>
    public double[] RecallPerClass() => Of(i => Ratio(_matrix[i, i], _matrix.CountOf(i), IsSeen(i)));

    /// <inheritdoc/>
    public override void Reset() => _matrix.Reset();

    /// <inheritdoc/>
    public override double[] SaveState() => _matrix.SaveState();

    /// <inheritdoc/>
    public override void RestoreState(ReadOnlySpan<double> sums) => _matrix.RestoreState(sums);

    /// <inheritdoc/>
    protected override void Add(Tensor predictions, Tensor targets) => _matrix.Update(predictions, targets);

    private bool IsSeen(int i) => _matrix.CountOf(i) + _matrix.AnswersOf(i) > 0;

    private double[] Of(Func<int, double> figure) => [.. Enumerable.Range(0, _matrix.ClassCount).Select(figure)];

    private static double Ratio(long part, long whole, bool isSeen = false) =>
        whole > 0 ? (double)part / whole : isSeen ? 0 : double.NaN;

    private double Average(double[] perClass)
    {
        if (_average == F1Average.Micro)
            return _matrix.Value;
        var (sum, weights) = (0.0, 0.0);
        for (var i = 0; i < perClass.Length; i++)
        {
            if (double.IsNaN(perClass[i]))
                continue;
            var weight = _average == F1Average.Weighted ? _matrix.CountOf(i) : 1;
            (sum, weights) = (sum + weight * perClass[i], weights + weight);
        }
        return weights > 0 ? sum / weights : double.NaN;
    }
}
