// The hinge loss of support vector machines.

namespace TorchScratch.NN;

/// <summary>
/// max(0, margin - target input) for scores and targets of 1 and -1, reduced: the loss of support vector machines.
/// </summary>
public sealed class HingeLoss : Module<Tensor, Tensor, Tensor>
{
    private readonly double _margin;
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="margin">The score that is enough.</param>
    /// <param name="reduction">Mean, sum, or none for a loss per element.</param>
    public HingeLoss(double margin = 1, Reduction reduction = Reduction.Mean)
    {
        _margin = margin;
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        LossReduction.Apply((_margin - target * input).Relu(), _reduction);
}
