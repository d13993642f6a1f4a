// Hinge loss on the distances of pairs.

namespace TorchScratch.NN;

/// <summary>The input, a distance, where the target is 1, and max(0, margin - input) where it is -1.</summary>
/// <param name="margin">The distance beyond which pairs with target -1 cost nothing.</param>
/// <param name="reduction">How to reduce the losses of the elements: to their mean, their sum, or not at all.</param>
public sealed class HingeEmbeddingLoss(double margin = 1, Reduction reduction = Reduction.Mean)
    : Module<Tensor, Tensor, Tensor>
{
    /// <summary>The distance beyond which pairs with target -1 cost nothing.</summary>
    public double Margin => margin;

    /// <summary>How the losses of the elements are reduced.</summary>
    public Reduction Reduction => reduction;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.HingeEmbeddingLoss(input, target, margin, reduction);
}
