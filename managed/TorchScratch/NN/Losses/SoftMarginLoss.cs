// The logistic loss for targets of 1 and -1.

namespace TorchScratch.NN;

/// <summary>log(1 + exp(-target input)) for targets of 1 and -1, reduced.</summary>
public sealed class SoftMarginLoss : Module<Tensor, Tensor, Tensor>
{
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="reduction">Mean, sum, or none for a loss per element.</param>
    public SoftMarginLoss(Reduction reduction = Reduction.Mean)
    {
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.SoftMarginLoss(input, target, _reduction);
}
