// Ranks one input above another by a margin.

namespace TorchScratch.NN;

/// <summary>max(0, -target (first - second) + margin) for targets of 1 (first ranks higher) and -1, reduced.</summary>
public sealed class MarginRankingLoss : Module<Tensor, Tensor, Tensor, Tensor>
{
    private readonly double _margin;
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="margin">How far apart is far enough.</param>
    /// <param name="reduction">Mean, sum, or none for a loss per element.</param>
    public MarginRankingLoss(double margin = 0, Reduction reduction = Reduction.Mean)
    {
        _margin = margin;
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second, Tensor target) =>
        Functional.MarginRankingLoss(first, second, target, _margin, _reduction);
}
