// Smaller learning rates when a metric stops improving.

namespace TorchScratch.Optim;

/// <summary>Whether a smaller or a larger metric is better.</summary>
public enum PlateauMode
{
    /// <summary>Smaller is better, as for a loss.</summary>
    Min,

    /// <summary>Larger is better, as for an accuracy.</summary>
    Max,
}

/// <summary>How the threshold of an improvement is measured.</summary>
public enum ThresholdMode
{
    /// <summary>As a fraction of the best value.</summary>
    Relative,

    /// <summary>As a difference from the best value.</summary>
    Absolute,
}

/// <summary>
/// Multiplies the learning rates by a factor when a metric has not improved for more than patience epochs.
/// </summary>
public sealed class ReduceLROnPlateau : LRScheduler
{
    private readonly PlateauMode _mode;
    private readonly double _factor;
    private readonly long _patience;
    private readonly double _threshold;
    private readonly ThresholdMode _thresholdMode;
    private readonly long _cooldown;
    private readonly double[] _minLR;
    private readonly double _eps;
    private double _best;
    private long _badEpochs;
    private long _cooldownLeft;

    /// <summary>A scheduler that has seen no metric yet; the learning rates stay as they are.</summary>
    /// <param name="optimizer">The optimizer whose learning rates to set.</param>
    /// <param name="mode">Whether a smaller or a larger metric is better.</param>
    /// <param name="factor">The factor of each reduction, in [0, 1).</param>
    /// <param name="patience">
    /// The number of epochs without improvement after which the rates are not reduced yet.
    /// </param>
    /// <param name="threshold">By how much the metric must improve for the epoch to count as better.</param>
    /// <param name="thresholdMode">
    /// Whether the threshold is a fraction of the best value or a difference from it.
    /// </param>
    /// <param name="cooldown">
    /// The number of epochs after a reduction in which epochs without improvement are not counted.
    /// </param>
    /// <param name="minLR">
    /// The smallest learning rate: one for all groups, or one for each group; 0 if not given.
    /// </param>
    /// <param name="eps">A reduction by this much or less is not made.</param>
    /// <exception cref="ArgumentException">An argument is out of its range.</exception>
    public ReduceLROnPlateau(Optimizer optimizer, PlateauMode mode = PlateauMode.Min, double factor = 0.1,
        long patience = 10, double threshold = 1e-4, ThresholdMode thresholdMode = ThresholdMode.Relative,
        long cooldown = 0, IReadOnlyList<double>? minLR = null, double eps = 1e-8) : base(optimizer)
    {
        if (factor is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "the factor must be in [0, 1)");
        ArgumentOutOfRangeException.ThrowIfNegative(patience);
        ArgumentOutOfRangeException.ThrowIfNegative(cooldown);
        _mode = mode;
        _factor = factor;
        _patience = patience;
        _threshold = threshold;
        _thresholdMode = thresholdMode;
        _cooldown = cooldown;
        _minLR = ForGroups(optimizer, minLR ?? [0], nameof(minLR));
        _eps = eps;
        _best = mode == PlateauMode.Min ? double.PositiveInfinity : double.NegativeInfinity;
        Epoch = 0;
    }

    /// <summary>Not supported: this scheduler needs a metric.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public override void Step() =>
        throw new InvalidOperationException("ReduceLROnPlateau: the metric is missing; call Step(metric)");

    /// <summary>Sets the learning rates of the next epoch, given the metric of the one that ends.</summary>
    public void Step(double metric)
    {
        Epoch++;
        if (IsBetter(metric))
            (_best, _badEpochs) = (metric, 0);
        else
            _badEpochs++;
        if (_cooldownLeft > 0)
            (_cooldownLeft, _badEpochs) = (_cooldownLeft - 1, 0);
        if (_badEpochs > _patience)
        {
            (_cooldownLeft, _badEpochs) = (_cooldown, 0);
            SetRates(NextRate);
        }
        else
        {
            SetRates((_, rate) => rate);
        }
    }

    /// <inheritdoc/>
    protected override void Visit(StateVisitor visitor)
    {
        base.Visit(visitor);
        visitor.Number("best", () => _best, value => _best = value, double.NegativeInfinity, allowInfinite: true);
        visitor.Count("num_bad_epochs", () => _badEpochs, value => _badEpochs = value);
        visitor.Count("cooldown_counter", () => _cooldownLeft, value => _cooldownLeft = value);
    }

    /// <inheritdoc/>
    protected override double NextRate(int group, double rate)
    {
        var reduced = Math.Max(rate * _factor, _minLR[group]);
        return rate - reduced > _eps ? reduced : rate;
    }

    private bool IsBetter(double metric) => (_mode, _thresholdMode) switch
    {
        (PlateauMode.Min, ThresholdMode.Relative) => metric < _best * (1 - _threshold),
        (PlateauMode.Min, _) => metric < _best - _threshold,
        (_, ThresholdMode.Relative) => metric > _best * (1 + _threshold),
        _ => metric > _best + _threshold,
    };
}
