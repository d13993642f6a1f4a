// Cross entropy of logits.

namespace TorchScratch.NN;

/// <summary>
/// Cross entropy between logits (N, C, ...) or (C) and targets: Int64 classes (N, ...) or (), or probabilities of the
/// shape of the logits. Equals <see cref="NLLLoss"/> of <see cref="LogSoftmax"/>.
/// </summary>
/// <param name="weight">
/// Weights of the classes, (C); the loss takes ownership of the tensor. 1 for each class if null.
/// </param>
/// <param name="ignoreIndex">A class whose targets are ignored.</param>
/// <param name="reduction">How to reduce the losses of the targets: to their mean, their sum, or not at all.</param>
/// <param name="labelSmoothing">
/// The fraction of each target that is spread evenly over all classes, in [0, 1]: Szegedy et al. (2016).
/// </param>
public sealed class CrossEntropyLoss(Tensor? weight = null, int ignoreIndex = -100,
    Reduction reduction = Reduction.Mean, double labelSmoothing = 0)
    : WeightedLoss(weight, reduction)
{
    /// <summary>A class whose targets are ignored.</summary>
    public int IgnoreIndex => ignoreIndex;

    /// <summary>The fraction of each target that is spread evenly over all classes.</summary>
    public double LabelSmoothing { get; } = Argument.Fraction(labelSmoothing);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor logits, Tensor target) =>
        Functional.CrossEntropy(logits, target, Weight, ignoreIndex, Reduction, LabelSmoothing);
}
