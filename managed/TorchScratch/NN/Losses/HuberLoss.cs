// The Huber loss: Huber (1964).

namespace TorchScratch.NN;

/// <summary>
/// (input - target)^2 / 2 where the difference is below delta, else delta (|input - target| - delta / 2); reduced:
/// Huber (1964).
/// </summary>
public sealed class HuberLoss : Module<Tensor, Tensor, Tensor>
{
    private readonly Reduction _reduction;
    private readonly double _delta;

    /// <summary>A loss.</summary>
    /// <param name="reduction">Mean, sum, or none for a loss per element.</param>
    /// <param name="delta">Where the parabola meets the line.</param>
    public HuberLoss(Reduction reduction = Reduction.Mean, double delta = 1)
    {
        _reduction = reduction;
        _delta = delta;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.HuberLoss(input, target, _reduction, _delta);
}
