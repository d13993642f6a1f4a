// Mean absolute error.

namespace TorchScratch.NN;

/// <summary>|input - target|, reduced.</summary>
public sealed class L1Loss : Module<Tensor, Tensor, Tensor>
{
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="reduction">Mean, sum, or none for a loss per element.</param>
    public L1Loss(Reduction reduction = Reduction.Mean)
    {
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.L1Loss(input, target, _reduction);
}
