// Absolute error, smoothed around 0: Girshick (2015).

namespace TorchScratch.NN;

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
