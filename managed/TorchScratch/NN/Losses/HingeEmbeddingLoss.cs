// Hinge loss on distances between pairs.

namespace TorchScratch.NN;

/// <summary>The input where the target is 1, max(0, margin - input) where it is -1, reduced.</summary>
public sealed class HingeEmbeddingLoss : Module<Tensor, Tensor, Tensor>
{
    private readonly double _margin;
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="margin">How far apart is far enough.</param>
    /// <param name="reduction">Mean, sum, or none for a loss per element.</param>
    public HingeEmbeddingLoss(double margin = 1, Reduction reduction = Reduction.Mean)
    {
        _margin = margin;
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.HingeEmbeddingLoss(input, target, _margin, _reduction);
}
