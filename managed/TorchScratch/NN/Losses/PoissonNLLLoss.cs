// Negative log-likelihood of counts under a Poisson distribution.

namespace TorchScratch.NN;

/// <summary>Negative log-likelihood of counts under Poisson distributions of given, or exponentiated, rates.</summary>
public sealed class PoissonNLLLoss : Module<Tensor, Tensor, Tensor>
{
    private readonly bool _logInput;
    private readonly bool _full;
    private readonly double _eps;
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="logInput">Whether the input is the logarithm of the rate.</param>
    /// <param name="full">Whether to add Stirling's approximation of the constant term.</param>
    /// <param name="eps">Added to a rate before its logarithm.</param>
    /// <param name="reduction">Mean, sum, or none for a loss per element.</param>
    public PoissonNLLLoss(bool logInput = true, bool full = false, double eps = 1e-8,
        Reduction reduction = Reduction.Mean)
    {
        _logInput = logInput;
        _full = full;
        _eps = eps;
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.PoissonNllLoss(input, target, _logInput, _full, _eps, _reduction);
}
