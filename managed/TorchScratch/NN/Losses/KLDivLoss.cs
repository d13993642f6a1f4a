// The Kullback-Leibler divergence.

namespace TorchScratch.NN;

/// <summary>
/// target (log(target) - input), where the input is a log-probability: Kullback and Leibler's divergence.
/// </summary>
public sealed class KLDivLoss : Module<Tensor, Tensor, Tensor>
{
    private readonly DivergenceReduction _reduction;
    private readonly bool _logTarget;

    /// <summary>A loss.</summary>
    /// <param name="reduction">Mean over elements or samples (which is the divergence), sum, or none.</param>
    /// <param name="logTarget">Whether targets are log-probabilities too.</param>
    public KLDivLoss(DivergenceReduction reduction = DivergenceReduction.Mean, bool logTarget = false)
    {
        _reduction = reduction;
        _logTarget = logTarget;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.KlDiv(input, target, _reduction, _logTarget);
}
