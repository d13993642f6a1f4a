// Focal loss: Lin, Goyal, Girshick, He, Dollar (2017).

namespace TorchScratch.NN;

/// <summary>
/// Cross entropy of logits (N, C, ...) and classes (N, ...), times (1 - p)^gamma where p is the probability of the
/// class: what is easy counts little.
/// </summary>
public sealed class FocalLoss : Module<Tensor, Tensor, Tensor>
{
    private readonly ModuleBuffer? _weight;

    /// <summary>A loss.</summary>
    /// <param name="gamma">How little; 0 makes it cross entropy.</param>
    /// <param name="weight">Weights of the classes, (C); taken into possession.</param>
    /// <param name="reduction">Mean over targets, sum, or none for a loss per target.</param>
    public FocalLoss(double gamma = 2, Tensor? weight = null, Reduction reduction = Reduction.Mean)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(gamma);
        if (weight is not null)
            _weight = RegisterBuffer("weight", weight);
        (Gamma, Reduction) = (gamma, reduction);
    }

    /// <summary>How little the easy counts.</summary>
    public double Gamma { get; }

    /// <summary>How the targets' losses become one.</summary>
    public Reduction Reduction { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor logits, Tensor target)
    {
        ArgumentNullException.ThrowIfNull(logits);
        ArgumentNullException.ThrowIfNull(target);
        var logProbability = logits.LogSoftmax(1).Gather(1, target.Unsqueeze(1)).Squeeze(1);
        var losses = -logProbability * (1 - logProbability.Exp()).Pow(Gamma);
        if (_weight is not null)
            losses *= _weight.Value.Take(target);
        return LossReduction.Apply(losses, Reduction);
    }
}
