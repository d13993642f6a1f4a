// Multi-class hinge loss.

namespace TorchScratch.NN;

/// <summary>
/// Mean over other classes of max(0, margin - x_target + x_other)^p for scores (N, C) and classes (N), reduced.
/// </summary>
public sealed class MultiMarginLoss : Module<Tensor, Tensor, Tensor>
{
    private readonly int _p;
    private readonly double _margin;
    private readonly ModuleBuffer? _weight;
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="p">1 or 2.</param>
    /// <param name="margin">How far apart is far enough.</param>
    /// <param name="weight">Weights of the classes, (C); taken into possession.</param>
    /// <param name="reduction">Mean, sum, or none for a loss per sample.</param>
    public MultiMarginLoss(int p = 1, double margin = 1, Tensor? weight = null,
        Reduction reduction = Reduction.Mean)
    {
        _p = p;
        _margin = margin;
        if (weight is not null)
            _weight = RegisterBuffer("weight", weight);
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.MultiMarginLoss(input, target, _p, _margin, _weight, _reduction);
}
