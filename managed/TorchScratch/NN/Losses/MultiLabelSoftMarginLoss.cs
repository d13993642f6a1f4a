// Binary cross entropy averaged over classes, for several labels per sample.

namespace TorchScratch.NN;

/// <summary>Mean over classes of the binary cross entropies of logits (N, C), reduced over samples.</summary>
public sealed class MultiLabelSoftMarginLoss : Module<Tensor, Tensor, Tensor>
{
    private readonly ModuleBuffer? _weight;
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="weight">Weights of the classes, (C); taken into possession.</param>
    /// <param name="reduction">Mean, sum, or none for a loss per sample.</param>
    public MultiLabelSoftMarginLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean)
    {
        if (weight is not null)
            _weight = RegisterBuffer("weight", weight);
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.MultilabelSoftMarginLoss(input, target, _weight, _reduction);
}
