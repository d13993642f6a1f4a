// The triplet loss: Balntas et al. (2016).

namespace TorchScratch.NN;

/// <summary>
/// max(0, d(anchor, positive) - d(anchor, negative) + margin) of vectors (N, D), reduced: Balntas et al. (2016).
/// </summary>
public sealed class TripletMarginLoss : Module<Tensor, Tensor, Tensor, Tensor>
{
    private readonly double _margin;
    private readonly double _p;
    private readonly double _eps;
    private readonly bool _swap;
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="margin">How far apart is far enough.</param>
    /// <param name="p">Of the distance's norm.</param>
    /// <param name="eps">Added to differences.</param>
    /// <param name="swap">Whether to use the positive's distance to the negative where that is smaller.</param>
    /// <param name="reduction">Mean, sum, or none for a loss per sample.</param>
    public TripletMarginLoss(double margin = 1, double p = 2, double eps = 1e-6, bool swap = false,
        Reduction reduction = Reduction.Mean)
    {
        _margin = margin;
        _p = p;
        _eps = eps;
        _swap = swap;
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor anchor, Tensor positive, Tensor negative) =>
        Functional.TripletMarginLoss(anchor, positive, negative, _margin, _p, _eps, _swap, _reduction);
}
