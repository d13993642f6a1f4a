// Negative log-likelihood under normal distributions: Nix and Weigend (1994).

namespace TorchScratch.NN;

/// <summary>
/// (log(v) + (input - target)^2 / v) / 2: the negative log-likelihood of targets under normal distributions with means
/// input and variances v, each variance raised to at least eps; Nix and Weigend (1994). Means and targets have the same
/// shape; variances may have size 1, or none, in the last dimension.
/// </summary>
/// <param name="full">Whether to add the constant log(2 pi) / 2.</param>
/// <param name="eps">The smallest variance; smaller ones are replaced by it.</param>
/// <param name="reduction">How to reduce the losses of the elements: to their mean, their sum, or not at all.</param>
public sealed class GaussianNLLLoss(bool full = false, double eps = 1e-6, Reduction reduction = Reduction.Mean)
    : Module<Tensor, Tensor, Tensor, Tensor>
{
    /// <summary>Whether the constant log(2 pi) / 2 is added.</summary>
    public bool Full => full;

    /// <summary>The smallest variance; smaller ones are replaced by it.</summary>
    public double Eps => eps;

    /// <summary>How the losses of the elements are reduced.</summary>
    public Reduction Reduction => reduction;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target, Tensor variance) =>
        Functional.GaussianNllLoss(input, target, variance, full, eps, reduction);
}
