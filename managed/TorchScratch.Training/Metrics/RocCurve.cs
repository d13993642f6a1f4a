// The ROC curve: how well scores separate two classes at every threshold.

namespace TorchScratch.Training;

/// <summary>A point of a ROC curve.</summary>
/// <param name="FalsePositiveRate">The fraction of the negatives whose score is at least the threshold.</param>
/// <param name="TruePositiveRate">The fraction of the positives whose score is at least the threshold.</param>
/// <param name="Threshold">The threshold.</param>
public readonly record struct RocPoint(double FalsePositiveRate, double TruePositiveRate, double Threshold);

/// <summary>
/// The receiver operating characteristic of binary scores. Its value is the area under the curve: the probability that
/// a positive scores above a negative, with ties counting half. See Fawcett, "An introduction to ROC analysis" (2006).
/// Predictions are floating-point scores, higher for positives, of the targets' shape; targets are 0 and 1, or Bool.
/// All scores are kept in memory.
/// </summary>
public sealed class RocCurve : Metric
{
    private readonly List<double> _scores = [];
    private readonly List<bool> _positives = [];

    /// <summary>Creates a curve over no samples.</summary>
    /// <param name="name">Its name.</param>
    public RocCurve(string name = "AUC") : base(name)
    {
    }

    /// <inheritdoc/>
    public override double Value => Auc;

    /// <inheritdoc/>
    public override bool IsFraction => false;

    /// <summary>The area under the curve; NaN unless both classes occur.</summary>
    public double Auc
    {
        get
        {
            var points = Points();
            var area = points.Length == 0 ? double.NaN : 0;
            for (var i = 1; i < points.Length; i++)
            {
                area += (points[i].FalsePositiveRate - points[i - 1].FalsePositiveRate) *
                    (points[i].TruePositiveRate + points[i - 1].TruePositiveRate) / 2;
            }
            return area;
        }
    }

    /// <summary>
    /// The corners of the curve from (0, 0) to (1, 1), one for each distinct score; empty unless both classes occur.
    /// </summary>
    public RocPoint[] Points()
    {
        var positives = _positives.Count(isPositive => isPositive);
        var negatives = _positives.Count - positives;
        if (positives == 0 || negatives == 0)
            return [];
        double[] scores = [.. _scores];
        bool[] truths = [.. _positives];
        Array.Sort(scores, truths);
        var points = new List<RocPoint> { new(0, 0, double.PositiveInfinity) };
        var (truePositives, falsePositives) = (0, 0);
        for (var i = scores.Length - 1; i >= 0; i--)
        {
            if (truths[i])
                truePositives++;
            else
                falsePositives++;
            // Equal scores fall on the same side of every threshold, so they form one straight line.
            if (i == 0 || scores[i - 1] != scores[i])
                points.Add(new((double)falsePositives / negatives, (double)truePositives / positives, scores[i]));
        }
        return [.. points];
    }

    /// <inheritdoc/>
    public override void Reset()
    {
        _scores.Clear();
        _positives.Clear();
    }

    /// <inheritdoc/>
    public override double[] SaveState() => [.. _scores, .. _positives.Select(isPositive => isPositive ? 1.0 : 0.0)];

    /// <inheritdoc/>
    public override void RestoreState(ReadOnlySpan<double> sums)
    {
        if (sums.Length % 2 != 0)
            throw StateDoesNotFit(sums.Length + 1, sums.Length);
        Reset();
        CollectionExtensions.AddRange(_scores, sums[..(sums.Length / 2)]);
        foreach (var positive in sums[(sums.Length / 2)..])
            _positives.Add(positive != 0);
    }

    /// <inheritdoc/>
    protected override void Add(Tensor predictions, Tensor targets)
    {
        if (!predictions.DType.IsFloatingPoint)
            throw new DTypeException($"{Name}: scores must be floating-point, got {ClassScores.Text(predictions)}");
        if (!predictions.Shape.SequenceEqual(targets.Shape))
        {
            throw new ShapeException($"{Name}: needs the score of the positive class for each target, " +
                $"got {ClassScores.Text(predictions)} for targets {ClassScores.Text(targets)}");
        }
        var scores = predictions.To(DType.Float64).ToArray<double>();
        var truths = targets.To(DType.Float64).ToArray<double>();
        if (Array.Exists(scores, double.IsNaN))
            throw new ValueException($"{Name}: a score is NaN, so the scores cannot be ordered");
        if (Array.Exists(truths, truth => truth is not (0 or 1)))
            throw new ValueException(
                $"{Name}: targets must be 0 or 1, got {Array.Find(truths, truth => truth is not (0 or 1))}");
        _scores.AddRange(scores);
        foreach (var truth in truths)
            _positives.Add(truth == 1);
    }
}
