// The share of right answers.

namespace TorchScratch.Training;

/// <summary>
/// The share of samples whose class is the predicted one, or is among the k with the highest scores. Predictions are
/// scores (N, C, ...) or, for k = 1, classes (N, ...); targets are classes (N, ...).
/// </summary>
public sealed class Accuracy : Metric
{
    private readonly int _k;
    private readonly int _classDim;
    private readonly long? _ignored;
    private long _correct;
    private long _total;

    /// <summary>A metric that has seen nothing.</summary>
    /// <param name="k">How many guesses the model has.</param>
    /// <param name="classDim">The dimension of the scores that counts classes; -1 for (N, ..., C).</param>
    /// <param name="ignoreIndex">A target that does not count, such as padding; null for none.</param>
    /// <param name="name">Its name; <c>accuracy</c> or <c>top-k accuracy</c> if not given.</param>
    public Accuracy(int k = 1, int classDim = 1, long? ignoreIndex = null, string? name = null)
        : base(name ?? (k == 1 ? "accuracy" : $"top-{k} accuracy"))
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(k, 1);
        (_k, _classDim, _ignored) = (k, classDim, ignoreIndex);
    }

    /// <inheritdoc/>
    public override double Value => _total == 0 ? double.NaN : (double)_correct / _total;

    /// <summary>Samples with the right answer.</summary>
    public long Correct => _correct;

    /// <summary>All samples that counted.</summary>
    public long Total => _total;

    /// <inheritdoc/>
    public override void Reset() => (_correct, _total) = (0, 0);

    /// <inheritdoc/>
    public override double[] SaveSums() => [_correct, _total];

    /// <inheritdoc/>
    public override void RestoreSums(ReadOnlySpan<double> sums)
    {
        if (sums.Length != 2)
            throw SumsDoNotFit(2, sums.Length);
        (_correct, _total) = ((long)sums[0], (long)sums[1]);
    }

    /// <inheritdoc/>
    protected override void Add(Tensor predictions, Tensor targets)
    {
        var (answers, truths) = _k == 1
            ? ClassScores.Answers(Name, predictions, targets, _classDim)
            : Best(predictions, targets);
        (answers, truths) = ClassScores.Without(answers, truths, _ignored);
        // As long as scores say how many classes there are; else a forgotten ignoreIndex would count as errors.
        if (predictions.NDim > targets.NDim)
            ClassScores.CheckRange(Name, "targets", truths, predictions.Size(_classDim));
        var right = _k == 1 ? answers.Eq(truths) : answers.Eq(truths.Unsqueeze(1));
        _correct += right.Sum().ToInt64();
        _total += truths.ElementCount;
    }

    private (Tensor Answers, Tensor Targets) Best(Tensor predictions, Tensor targets)
    {
        var (scores, truths) = ClassScores.Rows(Name, predictions, targets, _classDim);
        // With no more classes than guesses, every guess is right.
        return (scores.Topk(Math.Min(_k, scores.Size(1)), dim: 1).Indices, truths);
    }
}
