// Absolute error, quadratic near 0: Girshick (2015).

namespace TorchScratch.NN;

/// <summary>
/// d^2 / (2 beta) where d = |input - target| is smaller than beta, and d - beta / 2 elsewhere: the loss of Fast R-CNN,
/// Girshick (2015). Input and target have the same shape.
/// </summary>
/// <param name="reduction">How to reduce the losses of the elements: to their mean, their sum, or not at all.</param>
/// <param name="beta">
/// The difference at which the loss turns from quadratic to linear; 0 gives the absolute error.
/// </param>
public sealed class SmoothL1Loss(Reduction reduction = Reduction.Mean, double beta = 1) : Module<Tensor, Tensor, Tensor>
{
    /// <summary>How the losses of the elements are reduced.</summary>
    public Reduction Reduction => reduction;

    /// <summary>The difference at which the loss turns from quadratic to linear.</summary>
    public double Beta => beta;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.SmoothL1Loss(input, target, reduction, beta);
}
