// Negative log-likelihood of classes.

namespace TorchScratch.NN;

/// <summary>Minus the log-probabilities (N, C, ...) of the target classes (N, ...), reduced.</summary>
public sealed class NLLLoss : Module<Tensor, Tensor, Tensor>
{
    private readonly ModuleBuffer? _weight;
    private readonly int _ignoreIndex;
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="weight">Weights of the classes, (C); taken into possession.</param>
    /// <param name="ignoreIndex">A class whose targets do not count.</param>
    /// <param name="reduction">Mean, sum, or none for a loss per sample.</param>
    public NLLLoss(Tensor? weight = null, int ignoreIndex = -100, Reduction reduction = Reduction.Mean)
    {
        if (weight is not null)
            _weight = RegisterBuffer("weight", weight);
        _ignoreIndex = ignoreIndex;
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.NllLoss(input, target, _weight, _ignoreIndex, _reduction);
}
