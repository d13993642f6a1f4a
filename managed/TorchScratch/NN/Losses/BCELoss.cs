// Binary cross entropy of probabilities.

namespace TorchScratch.NN;

/// <summary>Cross entropy between probabilities and targets, both in [0, 1], reduced.</summary>
public sealed class BCELoss : Module<Tensor, Tensor, Tensor>
{
    private readonly ModuleBuffer? _weight;
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="weight">Weights of the elements; taken into possession.</param>
    /// <param name="reduction">Mean, sum, or none for a loss per element.</param>
    public BCELoss(Tensor? weight = null, Reduction reduction = Reduction.Mean)
    {
        if (weight is not null)
            _weight = RegisterBuffer("weight", weight);
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.BinaryCrossEntropy(input, target, _weight, _reduction);
}
