// Mean squared error.

namespace TorchScratch.NN;

/// <summary>(input - target)^2, reduced.</summary>
/// <param name="reduction">Mean, sum, or none for a loss per element.</param>
public sealed class MSELoss(Reduction reduction = Reduction.Mean) : Module<Tensor, Tensor, Tensor>
{
    /// <summary>How the elements' losses become one.</summary>
    public Reduction Reduction => reduction;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) => Functional.MseLoss(input, target, reduction);
}
