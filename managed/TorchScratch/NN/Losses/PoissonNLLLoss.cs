// Negative log-likelihood of counts under Poisson distributions.

namespace TorchScratch.NN;

/// <summary>
/// Negative log-likelihood of counts (target) under Poisson distributions whose rates, or logarithms of rates, are
/// the input: exp(input) - target input with logInput, input - target log(input + eps) without. Input and target have
/// the same shape.
/// </summary>
/// <param name="logInput">Whether the input is the logarithm of the rate.</param>
/// <param name="full">Whether to add log(target!), by Stirling's approximation, where the target is above 1.</param>
/// <param name="eps">Added to a rate before its logarithm is taken; used without logInput.</param>
/// <param name="reduction">How to reduce the losses of the elements: to their mean, their sum, or not at all.</param>
public sealed class PoissonNLLLoss(bool logInput = true, bool full = false, double eps = 1e-8,
    Reduction reduction = Reduction.Mean)
    : Module<Tensor, Tensor, Tensor>
{
    /// <summary>Whether the input is the logarithm of the rate.</summary>
    public bool LogInput => logInput;

    /// <summary>Whether log(target!) is added, by Stirling's approximation.</summary>
    public bool Full => full;

    /// <summary>Added to a rate before its logarithm is taken.</summary>
    public double Eps => eps;

    /// <summary>How the losses of the elements are reduced.</summary>
    public Reduction Reduction => reduction;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.PoissonNllLoss(input, target, logInput, full, eps, reduction);
}
