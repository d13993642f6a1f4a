// Multi-class hinge loss.

namespace TorchScratch.NN;

/// <summary>
/// The sum over the other classes of max(0, margin - x[target] + x[other])^p, divided by C, for scores x (N, C) or (C)
/// and Int64 classes (N) or ().
/// </summary>
/// <param name="p">The exponent, 1 or 2.</param>
/// <param name="margin">The difference of scores beyond which the loss is 0.</param>
/// <param name="weight">
/// Weights of the classes, (C); the loss takes ownership of the tensor. 1 for each class if null.
/// </param>
/// <param name="reduction">How to reduce the losses of the samples: to their mean, their sum, or not at all.</param>
public sealed class MultiMarginLoss(int p = 1, double margin = 1, Tensor? weight = null,
    Reduction reduction = Reduction.Mean)
    : WeightedLoss(weight, reduction)
{
    /// <summary>The exponent, 1 or 2.</summary>
    public int P => p;

    /// <summary>The difference of scores beyond which the loss is 0.</summary>
    public double Margin => margin;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.MultiMarginLoss(input, target, p, margin, Weight, Reduction);
}
