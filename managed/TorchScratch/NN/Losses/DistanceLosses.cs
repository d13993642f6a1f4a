// Losses of how far numbers are from others.

namespace TorchScratch.NN;

/// <summary>|input - target|, reduced.</summary>
public sealed class L1Loss : Module<Tensor, Tensor, Tensor>
{
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="reduction">Mean, sum, or none for a loss per element.</param>
    public L1Loss(Reduction reduction = Reduction.Mean)
    {
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.L1Loss(input, target, _reduction);
}

/// <summary>
/// (input - target)^2 / (2 beta) where the difference is below beta, else |input - target| - beta / 2; reduced:
/// Girshick (2015).
/// </summary>
public sealed class SmoothL1Loss : Module<Tensor, Tensor, Tensor>
{
    private readonly Reduction _reduction;
    private readonly double _beta;

    /// <summary>A loss.</summary>
    /// <param name="reduction">Mean, sum, or none for a loss per element.</param>
    /// <param name="beta">Where the parabola meets the line.</param>
    public SmoothL1Loss(Reduction reduction = Reduction.Mean, double beta = 1)
    {
        _reduction = reduction;
        _beta = beta;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.SmoothL1Loss(input, target, _reduction, _beta);
}

/// <summary>
/// (input - target)^2 / 2 where the difference is below delta, else delta (|input - target| - delta / 2); reduced:
/// Huber (1964).
/// </summary>
public sealed class HuberLoss : Module<Tensor, Tensor, Tensor>
{
    private readonly Reduction _reduction;
    private readonly double _delta;

    /// <summary>A loss.</summary>
    /// <param name="reduction">Mean, sum, or none for a loss per element.</param>
    /// <param name="delta">Where the parabola meets the line.</param>
    public HuberLoss(Reduction reduction = Reduction.Mean, double delta = 1)
    {
        _reduction = reduction;
        _delta = delta;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.HuberLoss(input, target, _reduction, _delta);
}

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
