// The logistic loss for targets of 1 and -1.

namespace TorchScratch.NN;

/// <summary>log(1 + exp(-target input)) for targets of 1 and -1, of the shape of the input.</summary>
/// <param name="reduction">How to reduce the losses of the elements: to their mean, their sum, or not at all.</param>
public sealed class SoftMarginLoss(Reduction reduction = Reduction.Mean) : Module<Tensor, Tensor, Tensor>
{
    /// <summary>How the losses of the elements are reduced.</summary>
    public Reduction Reduction => reduction;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) => Functional.SoftMarginLoss(input, target, reduction);
}
