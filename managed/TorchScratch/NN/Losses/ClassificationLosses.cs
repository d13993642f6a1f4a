// Losses of classes and probabilities.

namespace TorchScratch.NN;

/// <summary>Minus the log-probabilities (N, C, ...) of the target classes (N, ...), reduced.</summary>
public sealed class NLLLoss : Module<Tensor, Tensor, Tensor>
{
    private readonly ModuleBuffer? _weight;
    private readonly int _ignoreIndex;
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="weight">Weights of the classes, (C); taken into possession.</param>
    /// <param name="ignoreIndex">A class whose targets do not count.</param>
    /// <param name="reduction">Mean, sum, or none for a loss per sample.</param>
    public NLLLoss(Tensor? weight = null, int ignoreIndex = -100, Reduction reduction = Reduction.Mean)
    {
        if (weight is not null)
            _weight = RegisterBuffer("weight", weight);
        _ignoreIndex = ignoreIndex;
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.NllLoss(input, target, _weight, _ignoreIndex, _reduction);
}

/// <summary>Cross entropy between probabilities and targets, both in [0, 1], reduced.</summary>
public sealed class BCELoss : Module<Tensor, Tensor, Tensor>
{
    private readonly ModuleBuffer? _weight;
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="weight">Weights of the elements; taken into possession.</param>
    /// <param name="reduction">Mean, sum, or none for a loss per element.</param>
    public BCELoss(Tensor? weight = null, Reduction reduction = Reduction.Mean)
    {
        if (weight is not null)
            _weight = RegisterBuffer("weight", weight);
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.BinaryCrossEntropy(input, target, _weight, _reduction);
}

/// <summary>The same of sigmoid(input), computed without ever forming it.</summary>
public sealed class BCEWithLogitsLoss : Module<Tensor, Tensor, Tensor>
{
    private readonly ModuleBuffer? _weight;
    private readonly Reduction _reduction;
    private readonly ModuleBuffer? _posWeight;

    /// <summary>A loss.</summary>
    /// <param name="weight">Weights of the elements; taken into possession.</param>
    /// <param name="reduction">Mean, sum, or none for a loss per element.</param>
    /// <param name="posWeight">Weight of targets of 1; taken into possession.</param>
    public BCEWithLogitsLoss(Tensor? weight = null, Reduction reduction = Reduction.Mean, Tensor? posWeight = null)
    {
        if (weight is not null)
            _weight = RegisterBuffer("weight", weight);
        _reduction = reduction;
        if (posWeight is not null)
            _posWeight = RegisterBuffer("pos_weight", posWeight);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.BinaryCrossEntropyWithLogits(input, target, _weight, _reduction, _posWeight);
}

/// <summary>
/// target (log(target) - input), where the input is a log-probability: Kullback and Leibler's divergence.
/// </summary>
public sealed class KLDivLoss : Module<Tensor, Tensor, Tensor>
{
    private readonly DivergenceReduction _reduction;
    private readonly bool _logTarget;

    /// <summary>A loss.</summary>
    /// <param name="reduction">Mean over elements or samples (which is the divergence), sum, or none.</param>
    /// <param name="logTarget">Whether targets are log-probabilities too.</param>
    public KLDivLoss(DivergenceReduction reduction = DivergenceReduction.Mean, bool logTarget = false)
    {
        _reduction = reduction;
        _logTarget = logTarget;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.KlDiv(input, target, _reduction, _logTarget);
}

/// <summary>log(1 + exp(-target input)) for targets of 1 and -1, reduced.</summary>
public sealed class SoftMarginLoss : Module<Tensor, Tensor, Tensor>
{
    private readonly Reduction _reduction;

    /// <summary>A loss.</summary>
    /// <param name="reduction">Mean, sum, or none for a loss per element.</param>
    public SoftMarginLoss(Reduction reduction = Reduction.Mean)
    {
        _reduction = reduction;
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input, Tensor target) =>
        Functional.SoftMarginLoss(input, target, _reduction);
}

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
