// Mean squared error.

namespace TorchScratch.NN;

/// <summary>(input - target)^2 for an input and a target of the same shape.</summary>
/// <param name="reduction">How to reduce the losses of the elements: to their mean, their sum, or not at all.</param>
public sealed class MSELoss(Reduction reduction = Reduction.Mean) : Module<Tensor, Tensor, Tensor>
{
    /// <summary>How the losses of the elements are reduced.</summary>
    public Reduction Reduction => reduction;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) => Functional.MseLoss(input, target, reduction);
}
