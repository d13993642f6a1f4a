// Pulls similar pairs together and pushes dissimilar pairs apart, by their cosine.

namespace TorchScratch.NN;

/// <summary>
/// 1 - cos(first, second) where the target is 1, and max(0, cos(first, second) - margin) where it is -1, for vectors
/// (N, D) and targets (N), or (D) and a 0-d target.
/// </summary>
/// <param name="margin">The cosine below which pairs with target -1 cost nothing.</param>
/// <param name="reduction">How to reduce the losses of the samples: to their mean, their sum, or not at all.</param>
public sealed class CosineEmbeddingLoss(double margin = 0, Reduction reduction = Reduction.Mean)
    : Module<Tensor, Tensor, Tensor, Tensor>
{
    /// <summary>The cosine below which pairs with target -1 cost nothing.</summary>
    public double Margin => margin;

    /// <summary>How the losses of the samples are reduced.</summary>
    public Reduction Reduction => reduction;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second, Tensor target) =>
        Functional.CosineEmbeddingLoss(first, second, target, margin, reduction);
}
