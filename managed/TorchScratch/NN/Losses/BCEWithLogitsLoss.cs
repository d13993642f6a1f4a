// Binary cross entropy of logits.

namespace TorchScratch.NN;

/// <summary>
/// <see cref="BCELoss"/> of sigmoid(input), computed without overflow for logits (input) of any size. Targets are in
/// [0, 1] and have the shape of the input.
/// </summary>
public sealed class BCEWithLogitsLoss : WeightedLoss
{
    /// <summary>A loss.</summary>
    /// <param name="weight">
    /// Weights, broadcast to the losses; the loss takes ownership of the tensor. 1 if null.
    /// </param>
    /// <param name="reduction">
    /// How to reduce the losses of the elements: to their mean, their sum, or not at all.
    /// </param>
    /// <param name="posWeight">
    /// Weights of the terms with target, broadcast; the loss takes ownership of the tensor. 1 if null.
    /// </param>
    public BCEWithLogitsLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? posWeight = null)
        : base(weight, reduction)
    {
        if (posWeight is not null)
            PosWeight = RegisterBuffer("pos_weight", posWeight);
    }

    /// <summary>Weights of the terms with target; null if every weight is 1.</summary>
    public ModuleBuffer? PosWeight { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.BinaryCrossEntropyWithLogits(input, target, Weight, Reduction, PosWeight);
}
