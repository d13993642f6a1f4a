// Negative log-likelihood under normal distributions: Nix and Weigend (1994).

namespace TorchScratch.NN;

/// <summary>
/// Negative log-likelihood of targets under normal distributions of given means (input) and variances: Nix and Weigend
/// (1994).
/// </summary>
public sealed class GaussianNLLLoss : Module<Tensor, Tensor, Tensor, Tensor>
{
    private readonly bool _full;
    private readonly double _eps;
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="full">Whether to add the constant term.</param>
    /// <param name="eps">The smallest variance.</param>
    /// <param name="reduction">Mean, sum, or none for a loss per element.</param>
    public GaussianNLLLoss(bool full = false, double eps = 1e-6, Reduction reduction = Reduction.Mean)
    {
        _full = full;
        _eps = eps;
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target, Tensor variance) =>
        Functional.GaussianNllLoss(input, target, variance, _full, _eps, _reduction);
}
