// Binary cross entropy averaged over classes, for samples with several labels.

namespace TorchScratch.NN;

/// <summary>
/// The mean over classes of the binary cross entropies of logits (N, C) or (C) and targets of 0 and 1 of
/// the same shape.
/// </summary>
/// <param name="weight">
/// Weights of the classes, (C); the loss takes ownership of the tensor. 1 for each class if null.
/// </param>
/// <param name="reduction">How to reduce the losses of the samples: to their mean, their sum, or not at all.</param>
public sealed class MultiLabelSoftMarginLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean)
    : WeightedLoss(weight, reduction)
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.MultiLabelSoftMarginLoss(input, target, Weight, Reduction);
}
