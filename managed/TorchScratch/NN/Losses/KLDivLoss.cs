// The Kullback-Leibler divergence.

namespace TorchScratch.NN;

/// <summary>
/// target (log(target) - input), where the input holds log-probabilities: the terms of the divergence of Kullback and
/// Leibler. Input and target have the same shape.
/// </summary>
/// <param name="reduction">
/// How to reduce the terms: to their mean, their sum, their sum divided by the size of the first dimension (BatchMean,
/// which is the divergence per sample), or not at all.
/// </param>
/// <param name="logTarget">Whether the target holds log-probabilities too, rather than probabilities.</param>
public sealed class KLDivLoss(DivergenceReduction reduction = DivergenceReduction.Mean, bool logTarget = false)
    : Module<Tensor, Tensor, Tensor>
{
    /// <summary>How the terms are reduced.</summary>
    public DivergenceReduction Reduction => reduction;

    /// <summary>Whether the target holds log-probabilities.</summary>
    public bool LogTarget => logTarget;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.KlDiv(input, target, reduction, logTarget);
}
