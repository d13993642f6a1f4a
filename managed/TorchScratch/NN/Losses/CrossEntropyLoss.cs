// Cross entropy of logits.

namespace TorchScratch.NN;

/// <summary>
/// Cross entropy between logits (N, C, ...) and targets: Int64 classes (N, ...), or probabilities of the logits' shape.
/// </summary>
public sealed class CrossEntropyLoss : Module<Tensor, Tensor, Tensor>
{
    private readonly ModuleBuffer? _weight;

    /// <summary>A loss.</summary>
    /// <param name="weight">Weights of the classes, (C); taken into possession.</param>
    /// <param name="ignoreIndex">A class whose targets do not count.</param>
    /// <param name="reduction">Mean, sum, or none for a loss per target.</param>
    /// <param name="labelSmoothing">Share of each target that is spread over all classes, in [0, 1].</param>
    public CrossEntropyLoss(Tensor? weight = null, int ignoreIndex = -100, Reduction reduction = Reduction.Mean,
        double labelSmoothing = 0)
    {
        if (labelSmoothing is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(labelSmoothing), labelSmoothing, "a share lies in [0, 1]");
        if (weight is not null)
            _weight = RegisterBuffer("weight", weight);
        IgnoreIndex = ignoreIndex;
        Reduction = reduction;
        LabelSmoothing = labelSmoothing;
    }

    /// <summary>A class whose targets do not count.</summary>
    public int IgnoreIndex { get; }

    /// <summary>How the targets' losses become one.</summary>
    public Reduction Reduction { get; }

    /// <summary>Share of each target that is spread over all classes.</summary>
    public double LabelSmoothing { get; }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor logits, Tensor target) =>
        Functional.CrossEntropy(logits, target, _weight, IgnoreIndex, Reduction, LabelSmoothing);
}
