// Smaller rates when nothing improves.

namespace TorchScratch.Optim;

/// <summary>Which way a metric gets better.</summary>
public enum PlateauMode
{
    /// <summary>Smaller is better, as of a loss.</summary>
    Min,

    /// <summary>Larger is better, as of an accuracy.</summary>
    Max,
}

/// <summary>How much better counts as better.</summary>
public enum ThresholdMode
{
    /// <summary>By a share of the best value.</summary>
    Relative,

    /// <summary>By an amount.</summary>
    Absolute,
}

/// <summary>Multiplies the rates by a factor once a metric has not improved for more than patience epochs.</summary>
public sealed class ReduceLROnPlateau : LRScheduler
{
    private readonly PlateauMode _mode;
    private readonly double _factor;
    private readonly long _patience;
    private readonly double _threshold;
    private readonly ThresholdMode _thresholdMode;
    private readonly long _cooldown;
    private readonly double[] _minimum;
    private readonly double _epsilon;
    private double _best;
    private long _badEpochs;
    private long _cooldownLeft;

    /// <summary>A scheduler that has seen nothing yet.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="mode">Which way the metric gets better.</param>
    /// <param name="factor">Of a reduction, below 1.</param>
    /// <param name="patience">Epochs without improvement that are borne.</param>
    /// <param name="threshold">How much better counts.</param>
    /// <param name="thresholdMode">Whether that is a share or an amount.</param>
    /// <param name="cooldown">Epochs after a reduction in which nothing is counted.</param>
    /// <param name="minimum">Smallest rate: one for all groups, or one for each; 0 if not given.</param>
    /// <param name="epsilon">A reduction by less than this is not made.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public ReduceLROnPlateau(Optimizer optimizer, PlateauMode mode = PlateauMode.Min, double factor = 0.1,
        long patience = 10, double threshold = 1e-4, ThresholdMode thresholdMode = ThresholdMode.Relative,
        long cooldown = 0,
        IReadOnlyList<double>? minimum = null, double epsilon = 1e-8) : base(optimizer)
    {
        if (factor is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "the factor of a reduction is below 1");
        ArgumentOutOfRangeException.ThrowIfNegative(patience);
        ArgumentOutOfRangeException.ThrowIfNegative(cooldown);
        _mode = mode;
        _factor = factor;
        _patience = patience;
        _threshold = threshold;
        _thresholdMode = thresholdMode;
        _cooldown = cooldown;
        _minimum = ForGroups(optimizer, minimum ?? [0], nameof(minimum));
        _epsilon = epsilon;
        _best = mode == PlateauMode.Min ? double.PositiveInfinity : double.NegativeInfinity;
        Epoch = 0;
    }

    /// <summary>Not for this scheduler, which needs a metric.</summary>
    /// <exception cref="InvalidOperationException">Always.</exception>
    public override void Step() =>
        throw new InvalidOperationException("ReduceLROnPlateau: a step needs the metric; call Step(metric)");

    /// <summary>Tells the metric of the epoch that ends, and sets the rates of the next.</summary>
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

    internal override void Visit(StateVisitor visitor)
    {
        base.Visit(visitor);
        visitor.Number("best", () => _best, value => _best = value);
        visitor.Number("num_bad_epochs", () => _badEpochs, value => _badEpochs = (long)value);
        visitor.Number("cooldown_counter", () => _cooldownLeft, value => _cooldownLeft = (long)value);
    }

    private protected override double NextRate(int group, double rate)
    {
        var reduced = Math.Max(rate * _factor, _minimum[group]);
        return rate - reduced > _epsilon ? reduced : rate;
    }

    private bool IsBetter(double metric) => (_mode, _thresholdMode) switch
    {
        (PlateauMode.Min, ThresholdMode.Relative) => metric < _best * (1 - _threshold),
        (PlateauMode.Min, _) => metric < _best - _threshold,
        (_, ThresholdMode.Relative) => metric > _best * (1 + _threshold),
        _ => metric > _best + _threshold,
    };
}
