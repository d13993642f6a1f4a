// Pulls similar pairs together and pushes dissimilar pairs apart, by their cosine.

namespace TorchScratch.NN;

/// <summary>
/// 1 - cos(first, second) where the target is 1, max(0, cos(first, second) - margin) where it is -1, reduced.
/// </summary>
public sealed class CosineEmbeddingLoss : Module<Tensor, Tensor, Tensor, Tensor>
{
    private readonly double _margin;
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="margin">The cosine that is small enough.</param>
    /// <param name="reduction">Mean, sum, or none for a loss per sample.</param>
    public CosineEmbeddingLoss(double margin = 0, Reduction reduction = Reduction.Mean)
    {
        _margin = margin;
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second, Tensor target) =>
        Functional.CosineEmbeddingLoss(first, second, target, _margin, _reduction);
}
