// The triplet loss: Balntas et al. (2016).

namespace TorchScratch.NN;

/// <summary>
/// max(0, d(anchor, positive) - d(anchor, negative) + margin) for vectors (N, D) or (D), where d is a p-norm: Balntas
/// et al. (2016).
/// </summary>
/// <param name="margin">How much farther away the negative must be for the loss to be 0.</param>
/// <param name="p">The exponent of the norm.</param>
/// <param name="eps">Added to differences, so that the norm has a gradient where they are 0.</param>
/// <param name="swap">
/// Whether to use d(positive, negative) in the place of d(anchor, negative) where it is smaller: the distance swap
/// of the paper.
/// </param>
/// <param name="reduction">How to reduce the losses of the samples: to their mean, their sum, or not at all.</param>
public sealed class TripletMarginLoss(double margin = 1, double p = 2, double eps = 1e-6, bool swap = false,
    Reduction reduction = Reduction.Mean)
    : Module<Tensor, Tensor, Tensor, Tensor>
{
    /// <summary>How much farther away the negative must be for the loss to be 0.</summary>
    public double Margin => margin;

    /// <summary>The exponent of the norm.</summary>
    public double P => p;

    /// <summary>Added to differences, so that the norm has a gradient where they are 0.</summary>
    public double Eps => eps;

    /// <summary>Whether d(positive, negative) is used where it is smaller than d(anchor, negative).</summary>
    public bool Swap => swap;

    /// <summary>How the losses of the samples are reduced.</summary>
    public Reduction Reduction => reduction;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor anchor, Tensor positive, Tensor negative) =>
        Functional.TripletMarginLoss(anchor, positive, negative, margin, p, eps, swap, reduction);
}
