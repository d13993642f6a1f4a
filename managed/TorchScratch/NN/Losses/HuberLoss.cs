// The Huber loss: Huber (1964).

namespace TorchScratch.NN;

/// <summary>
/// d^2 / 2 where d = |input - target| is smaller than delta, and delta (d - delta / 2) elsewhere: Huber (1964). Input
/// and target have the same shape.
/// </summary>
/// <param name="reduction">How to reduce the losses of the elements: to their mean, their sum, or not at all.</param>
/// <param name="delta">The difference at which the loss turns from quadratic to linear.</param>
public sealed class HuberLoss(Reduction reduction = Reduction.Mean, double delta = 1) : Module<Tensor, Tensor, Tensor>
{
    /// <summary>How the losses of the elements are reduced.</summary>
    public Reduction Reduction => reduction;

    /// <summary>The difference at which the loss turns from quadratic to linear.</summary>
    public double Delta => delta;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.HuberLoss(input, target, reduction, delta);
}
