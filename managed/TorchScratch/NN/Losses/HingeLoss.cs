// The hinge loss of support vector machines.

namespace TorchScratch.NN;

/// <summary>
/// max(0, margin - target input) for scores (input) and targets of 1 and -1, of the same shape: the loss of
/// support vector machines.
/// </summary>
/// <param name="margin">The score beyond which a correctly classified element costs nothing.</param>
/// <param name="reduction">How to reduce the losses of the elements: to their mean, their sum, or not at all.</param>
public sealed class HingeLoss(double margin = 1, Reduction reduction = Reduction.Mean) : Module<Tensor, Tensor, Tensor>
{
    /// <summary>The score beyond which a correctly classified element costs nothing.</summary>
    public double Margin => margin;

    /// <summary>How the losses of the elements are reduced.</summary>
    public Reduction Reduction => reduction;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(target);
        return LossReduction.Apply((margin - target * input).Relu(), reduction);
    }
}
