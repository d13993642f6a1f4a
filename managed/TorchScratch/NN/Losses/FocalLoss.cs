// Focal loss: Lin, Goyal, Girshick, He, Dollar (2017).

namespace TorchScratch.NN;

/// <summary>
/// -weight[target] (1 - p)^gamma log(p), where p is the probability that logits (N, C, ...) give to the Int64 class (N,
/// ...) of the target: Lin et al. (2017). The mean is over all targets, whatever their weights.
/// </summary>
/// <param name="gamma">Focusing parameter: larger values down-weight easy samples more; 0 gives cross entropy.</param>
/// <param name="weight">
/// Weights of the classes, (C); the loss takes ownership of the tensor. 1 for each class if null.
/// </param>
/// <param name="reduction">How to reduce the losses of the targets: to their mean, their sum, or not at all.</param>
public sealed class FocalLoss(double gamma = 2, Tensor? weight = null, Reduction reduction = Reduction.Mean)
    : WeightedLoss(weight, reduction)
{
    /// <summary>Focusing parameter: larger values down-weight easy samples more.</summary>
    public double Gamma { get; } = Argument.NotNegative(gamma);

    /// <inheritdoc/>
    public override Tensor Forward(Tensor logits, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(target);
        var logProbability = logits.LogSoftmax(1).Gather(1, target.Unsqueeze(1)).Squeeze(1);
        var losses = -logProbability * (1 - logProbability.Exp()).Pow(Gamma);
        if (Weight is not null)
            losses *= Weight.Value.Take(target);
        return LossReduction.Apply(losses, Reduction);
    }
}
