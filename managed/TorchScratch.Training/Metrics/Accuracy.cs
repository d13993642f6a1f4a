// The fraction of correct predictions.

namespace TorchScratch.Training;

/// <summary>
/// The fraction of samples whose true class is the predicted one, or is among the k classes with the highest scores.
/// Predictions are scores (N, C, ...) or, for k = 1, class indices (N, ...); targets are class indices (N, ...).
/// </summary>
public sealed class Accuracy : Metric
{
    private readonly int _k;
    private readonly int _classDim;
    private readonly long? _ignored;
    private long _correct;
    private long _total;

    /// <summary>Creates a metric over no samples.</summary>
    /// <param name="k">How many of the highest scores count as predictions.</param>
    /// <param name="classDim">The class dimension of the scores; -1 for (N, ..., C).</param>
    /// <param name="ignoreIndex">A target value to ignore, such as padding; null for none.</param>
    /// <param name="name">Its name; <c>accuracy</c> or <c>top-k accuracy</c> if not given.</param>
    public Accuracy(int k = 1, int classDim = 1, long? ignoreIndex = null, string? name = null)
        : base(name ?? (k == 1 ? "accuracy" : $"top-{k} accuracy"))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        (_k, _classDim, _ignored) = (k, classDim, ignoreIndex);
    }

    /// <inheritdoc/>
    public override double Value => _total == 0 ? double.NaN : (double)_correct / _total;

    /// <summary>Number of samples predicted correctly.</summary>
    public long Correct => _correct;

    /// <summary>Number of samples, without ignored ones.</summary>
    public long Total => _total;

    /// <inheritdoc/>
    public override void Reset() => (_correct, _total) = (0, 0);

    /// <inheritdoc/>
    public override double[] SaveState() => [_correct, _total];

    /// <inheritdoc/>
    public override void RestoreState(ReadOnlySpan<double> sums)
    {
        if (sums.Length != 2)
            throw StateDoesNotFit(2, sums.Length);
        (_correct, _total) = (CountIn(sums[0]), CountIn(sums[1]));
    }

    /// <inheritdoc/>
    protected override void Add(Tensor predictions, Tensor targets)
    {
        var (answers, truths) = _k == 1
            ? ClassScores.Answers(Name, predictions, targets, _classDim)
            : Best(predictions, targets);
        (answers, truths) = ClassScores.Without(answers, truths, _ignored);
        // Only scores tell the number of classes. Without this check, a forgotten ignoreIndex would count as errors.
        if (predictions.NDim > targets.NDim)
            ClassScores.CheckRange(Name, "targets", truths, predictions.Size(_classDim));
        var right = _k == 1 ? answers.Eq(truths) : answers.Eq(truths.Unsqueeze(1));
        _correct += right.Sum().ToInt64();
        _total += truths.ElementCount;
    }

    private (Tensor Answers, Tensor Targets) Best(Tensor predictions, Tensor targets)
    {
        var (scores, truths) = ClassScores.Rows(Name, predictions, targets, _classDim);
        // With at most k classes, every prediction is correct.
        return (scores.TopK(Math.Min(_k, scores.Size(1)), dim: 1).Indices, truths);
    }
}
