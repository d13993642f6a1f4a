// The perplexity of a language model.

using TorchScratch.NN;

namespace TorchScratch.Training;

/// <summary>
/// exp of the mean negative log-likelihood of the targets: Jelinek et al. (1977). It is the number of equally likely
/// tokens among which a choice would be as uncertain. Predictions are logits (N, V, ...), or (..., V) with
/// <c>classDim: -1</c>; targets are tokens (N, ...).
/// </summary>
public sealed class Perplexity : Metric
{
    private readonly int _classDim;
    private readonly long? _ignored;
    private double _sum;
    private long _count;

    /// <summary>Creates a metric over no samples.</summary>
    /// <param name="classDim">The vocabulary dimension of the logits; -1 for (..., V).</param>
    /// <param name="ignoreIndex">A target value to ignore, such as padding; null for none.</param>
    /// <param name="name">Its name.</param>
    public Perplexity(int classDim = 1, long? ignoreIndex = null, string name = "perplexity") : base(name) =>
        (_classDim, _ignored) = (classDim, ignoreIndex);

    /// <inheritdoc/>
    public override double Value => Math.Exp(MeanNegativeLogLikelihood);

    /// <summary>The mean negative log-likelihood, in nats per token.</summary>
    public double MeanNegativeLogLikelihood => _count == 0 ? double.NaN : _sum / _count;

    /// <summary>The same in bits per token; for characters or bytes this is the usual measure of compression.</summary>
    public double BitsPerToken => MeanNegativeLogLikelihood / Math.Log(2);

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override bool IsFraction => false;

    /// <inheritdoc/>
    public override void Reset() => (_sum, _count) = (0, 0);

    /// <inheritdoc/>
    public override double[] SaveState() => [_sum, _count];

    /// <inheritdoc/>
    public override void RestoreState(ReadOnlySpan<double> sums)
    {
        if (sums.Length != 2)
            throw StateDoesNotFit(2, sums.Length);
        (_sum, _count) = (sums[0], CountIn(sums[1]));
    }

    /// <inheritdoc/>
    protected override void Add(Tensor predictions, Tensor targets)
    {
        var (logits, tokens) = ClassScores.Rows(Name, predictions, targets, _classDim);
        (logits, tokens) = ClassScores.Without(logits, tokens.To(DType.Int64), _ignored);
        if (tokens.ElementCount == 0)
            return;
        ClassScores.CheckRange(Name, "targets", tokens, logits.Size(1));
        // Half precision has only three digits, too few for a sum over a vocabulary.
        var exact = logits.DType.ItemSize < 4 ? logits.To(DType.Float32) : logits;
        _sum += Functional.NllLoss(exact.LogSoftmax(1), tokens, reduction: Reduction.None).To(DType.Float64).Sum()
            .ToDouble();
        _count += tokens.ElementCount;
    }
}
