// Binary cross entropy of logits.

namespace TorchScratch.NN;

/// <summary>The same of sigmoid(input), computed without ever forming it.</summary>
public sealed class BCEWithLogitsLoss : Module<Tensor, Tensor, Tensor>
{
    private readonly ModuleBuffer? _weight;
    private readonly Reduction _reduction;
    private readonly ModuleBuffer? _posWeight;

    /// <summary>A loss.</summary>
    /// <param name="weight">Weights of the elements; taken into possession.</param>
    /// <param name="reduction">Mean, sum, or none for a loss per element.</param>
    /// <param name="posWeight">Weight of targets of 1; taken into possession.</param>
    public BCEWithLogitsLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? posWeight = null)
    {
        if (weight is not null)
            _weight = RegisterBuffer("weight", weight);
        _reduction = reduction;
        if (posWeight is not null)
            _posWeight = RegisterBuffer("pos_weight", posWeight);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.BinaryCrossEntropyWithLogits(input, target, _weight, _reduction, _posWeight);
}
