// Losses that are 0 beyond a margin.

namespace TorchScratch.NN;

/// <summary>max(0, -target (first - second) + margin) for targets of 1 (first ranks higher) and -1, reduced.</summary>
public sealed class MarginRankingLoss : Module<Tensor, Tensor, Tensor, Tensor>
{
    private readonly double _margin;
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="margin">How far apart is far enough.</param>
    /// <param name="reduction">Mean, sum, or none for a loss per element.</param>
    public MarginRankingLoss(double margin = 0, Reduction reduction = Reduction.Mean)
    {
        _margin = margin;
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second, Tensor target) =>
        Functional.MarginRankingLoss(first, second, target, _margin, _reduction);
}

/// <summary>The input where the target is 1, max(0, margin - input) where it is -1, reduced.</summary>
public sealed class HingeEmbeddingLoss : Module<Tensor, Tensor, Tensor>
{
    private readonly double _margin;
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="margin">How far apart is far enough.</param>
    /// <param name="reduction">Mean, sum, or none for a loss per element.</param>
    public HingeEmbeddingLoss(double margin = 1, Reduction reduction = Reduction.Mean)
    {
        _margin = margin;
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.HingeEmbeddingLoss(input, target, _margin, _reduction);
}

/// <summary>
/// 1 - cos(first, second) where the target is 1, max(0, cos(first, second) - margin) where it is -1, reduced.
/// </summary>
public sealed class CosineEmbeddingLoss : Module<Tensor, Tensor, Tensor, Tensor>
{
    private readonly double _margin;
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="margin">The cosine that is small enough.</param>
    /// <param name="reduction">Mean, sum, or none for a loss per sample.</param>
    public CosineEmbeddingLoss(double margin = 0, Reduction reduction = Reduction.Mean)
    {
        _margin = margin;
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second, Tensor target) =>
        Functional.CosineEmbeddingLoss(first, second, target, _margin, _reduction);
}

/// <summary>
/// max(0, d(anchor, positive) - d(anchor, negative) + margin) of vectors (N, D), reduced: Balntas et al. (2016).
/// </summary>
public sealed class TripletMarginLoss : Module<Tensor, Tensor, Tensor, Tensor>
{
    private readonly double _margin;
    private readonly double _p;
    private readonly double _eps;
    private readonly bool _swap;
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="margin">How far apart is far enough.</param>
    /// <param name="p">Of the distance's norm.</param>
    /// <param name="eps">Added to differences.</param>
    /// <param name="swap">Whether to use the positive's distance to the negative where that is smaller.</param>
    /// <param name="reduction">Mean, sum, or none for a loss per sample.</param>
    public TripletMarginLoss(double margin = 1, double p = 2, double eps = 1e-6, bool swap = false,
        Reduction reduction = Reduction.Mean)
    {
        _margin = margin;
        _p = p;
        _eps = eps;
        _swap = swap;
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor anchor, Tensor positive, Tensor negative) =>
        Functional.TripletMarginLoss(anchor, positive, negative, _margin, _p, _eps, _swap, _reduction);
}

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
