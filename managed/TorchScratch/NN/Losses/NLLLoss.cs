// Negative log-likelihood of classes.

namespace TorchScratch.NN;

/// <summary>
/// -weight[target] input[target], for log-probabilities (N, C, ...) or (C) and Int64 classes (N, ...) or (). The mean
/// is weighted by the weights of the classes.
/// </summary>
/// <param name="weight">
/// Weights of the classes, (C); the loss takes ownership of the tensor. 1 for each class if null.
/// </param>
/// <param name="ignoreIndex">A class whose targets are ignored.</param>
/// <param name="reduction">How to reduce the losses of the targets: to their mean, their sum, or not at all.</param>
public sealed class NLLLoss(Tensor? weight = null, int ignoreIndex = -100, Reduction reduction = Reduction.Mean)
    : WeightedLoss(weight, reduction)
{
    /// <summary>A class whose targets are ignored.</summary>
    public int IgnoreIndex => ignoreIndex;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.NllLoss(input, target, Weight, ignoreIndex, Reduction);
}
