// Binary cross entropy of probabilities.

namespace TorchScratch.NN;

/// <summary>
/// -weight (target log(input) + (1 - target) log(1 - input)) for probabilities (input) and targets in [0, 1], of the
/// same shape. Logarithms are clamped to at least -100.
/// </summary>
/// <param name="weight">Weights, broadcast to the losses; the loss takes ownership of the tensor. 1 if null.</param>
/// <param name="reduction">How to reduce the losses of the elements: to their mean, their sum, or not at all.</param>
public sealed class BCELoss(Tensor? weight = null, Reduction reduction = Reduction.Mean)
    : WeightedLoss(weight, reduction)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.BinaryCrossEntropy(input, target, Weight, Reduction);
}
