// How many tokens a language model wavers between.

using TorchScratch.NN;

namespace TorchScratch.Training;

/// <summary>
/// exp of the mean negative log-likelihood of the targets: Jelinek et al. (1977). Predictions are logits (N, V, ...),
/// or (..., V) with <c>classDim: -1</c>; targets are tokens (N, ...).
/// </summary>
public sealed class Perplexity : Metric
{
    private readonly int _classDim;
    private readonly long? _ignored;
    private double _sum;
    private long _count;

    /// <summary>A metric that has seen nothing.</summary>
    /// <param name="classDim">The dimension of the logits that counts tokens; -1 for (..., V).</param>
    /// <param name="ignoreIndex">A target that does not count, such as padding; null for none.</param>
    /// <param name="name">Its name.</param>
    public Perplexity(int classDim = 1, long? ignoreIndex = null, string name = "perplexity") : base(name) =>
        (_classDim, _ignored) = (classDim, ignoreIndex);

    /// <inheritdoc/>
    public override double Value => Math.Exp(MeanNegativeLogLikelihood);

    /// <summary>The exponent, in nats a token.</summary>
    public double MeanNegativeLogLikelihood => _count == 0 ? double.NaN : _sum / _count;

    /// <summary>Bits a token: for tokens that are characters or bytes, the usual figure of a compressor.</summary>
    public double BitsPerToken => MeanNegativeLogLikelihood / Math.Log(2);

    /// <inheritdoc/>
    public override bool HigherIsBetter => false;

    /// <inheritdoc/>
    public override bool IsShare => false;

    /// <inheritdoc/>
    public override void Reset() => (_sum, _count) = (0, 0);

    /// <inheritdoc/>
    public override double[] SaveSums() => [_sum, _count];

    /// <inheritdoc/>
    public override void RestoreSums(ReadOnlySpan<double> sums)
    {
        if (sums.Length != 2)
            throw SumsDoNotFit(2, sums.Length);
        (_sum, _count) = (sums[0], (long)sums[1]);
    }

    /// <inheritdoc/>
    protected override void Add(Tensor predictions, Tensor targets)
    {
        var (logits, tokens) = ClassScores.Rows(Name, predictions, targets, _classDim);
        (logits, tokens) = ClassScores.Without(logits, tokens.To(DType.Int64), _ignored);
        if (tokens.ElementCount == 0)
            return;
        ClassScores.CheckRange(Name, "targets", tokens, logits.Size(1));
        // Half precision has three digits, too few for a sum over a vocabulary.
        var exact = logits.DType.ItemSize < 4 ? logits.To(DType.Float32) : logits;
        _sum += Functional.NllLoss(exact.LogSoftmax(1), tokens, reduction: Reduction.None).To(DType.Float64).Sum()
            .ToDouble();
        _count += tokens.ElementCount;
    }
}
