// Ranks one input above another by a margin.

namespace TorchScratch.NN;

/// <summary>
/// max(0, -target (first - second) + margin). A target of 1 asks first to be larger than second, -1 asks it to be
/// smaller. All three have the same shape.
/// </summary>
/// <param name="margin">The difference beyond which the loss is 0.</param>
/// <param name="reduction">How to reduce the losses of the elements: to their mean, their sum, or not at all.</param>
public sealed class MarginRankingLoss(double margin = 0, Reduction reduction = Reduction.Mean)
    : Module<Tensor, Tensor, Tensor, Tensor>
{
    /// <summary>The difference beyond which the loss is 0.</summary>
    public double Margin => margin;

    /// <summary>How the losses of the elements are reduced.</summary>
    public Reduction Reduction => reduction;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second, Tensor target) =>
        Functional.MarginRankingLoss(first, second, target, margin, reduction);
}
