// How well scores part two classes, over all thresholds.

namespace TorchScratch.Training;

/// <summary>A point of a ROC curve.</summary>
/// <param name="FalsePositiveRate">Share of the negatives with a score of at least the threshold.</param>
/// <param name="TruePositiveRate">Share of the positives with such a score.</param>
/// <param name="Threshold">The threshold.</param>
public readonly record struct RocPoint(double FalsePositiveRate, double TruePositiveRate, double Threshold);

/// <summary>
/// The receiver operating characteristic of binary scores; its figure is the area under the curve, the probability that
/// a positive scores above a negative, ties counting half: Fawcett, "An introduction to ROC analysis" (2006).
/// Predictions are floating scores, higher for positives, of the targets' shape; targets are 0 and 1, or Bool. All
/// scores are kept.
/// </summary>
public sealed class RocCurve : Metric
{
    private readonly List<double> _scores = [];
    private readonly List<bool> _positives = [];

    /// <summary>A curve of nothing yet.</summary>
    /// <param name="name">Its name.</param>
    public RocCurve(string name = "AUC") : base(name)
    {
    }

    /// <inheritdoc/>
    public override double Value => Auc;

    /// <inheritdoc/>
    public override bool IsShare => false;

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

    /// <summary>Corners of the curve from (0, 0) to (1, 1), one for each different score; none unless both classes
    /// occur.</summary>
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
            // Equal scores fall on the same side of every threshold: one straight line.
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
    public override double[] SaveSums() => [.. _scores, .. _positives.Select(isPositive => isPositive ? 1.0 : 0.0)];

    /// <inheritdoc/>
    public override void RestoreSums(ReadOnlySpan<double> sums)
    {
        if (sums.Length % 2 != 0)
            throw SumsDoNotFit(sums.Length + 1, sums.Length);
        Reset();
        CollectionExtensions.AddRange(_scores, sums[..(sums.Length / 2)]);
        foreach (var positive in sums[(sums.Length / 2)..])
            _positives.Add(positive != 0);
    }

    /// <inheritdoc/>
    protected override void Add(Tensor predictions, Tensor targets)
    {
        if (!predictions.DType.IsFloatingPoint)
            throw new DTypeException($"{Name}: scores are floating-point numbers, got {ClassScores.Text(predictions)}");
        if (!predictions.Shape.SequenceEqual(targets.Shape))
        {
            throw new ShapeException($"{Name}: scores {ClassScores.Text(predictions)} for targets " +
                $"{ClassScores.Text(targets)}: one score for each target, that of the positive class");
        }
        var scores = predictions.To(DType.Float64).ToArray<double>();
        var truths = targets.To(DType.Float64).ToArray<double>();
        if (Array.Exists(scores, double.IsNaN))
            throw new ValueException($"{Name}: a score is NaN, which has no place in an order");
        if (Array.Exists(truths, truth => truth is not (0 or 1)))
            throw new ValueException(
                $"{Name}: targets are 0 or 1, got {Array.Find(truths, truth => truth is not (0 or 1))}");
        _scores.AddRange(scores);
        foreach (var truth in truths)
            _positives.Add(truth == 1);
    }
}
