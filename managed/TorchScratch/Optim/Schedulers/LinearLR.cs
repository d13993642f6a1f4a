// A factor that changes linearly, usually for a warm-up.

namespace TorchScratch.Optim;

/// <summary>
/// Multiplies the learning rates by a factor that changes linearly from startFactor to endFactor in totalIters epochs.
/// </summary>
public sealed class LinearLR : LRScheduler
{
    private readonly double _startFactor;
    private readonly double _endFactor;
    private readonly long _totalIters;

    /// <summary>Sets the learning rates of epoch 0.</summary>
    /// <param name="optimizer">The optimizer whose learning rates to set.</param>
    /// <param name="startFactor">The factor at epoch 0, in (0, 1].</param>
    /// <param name="endFactor">The factor from epoch totalIters on, in [0, 1].</param>
    /// <param name="totalIters">The number of epochs until endFactor is reached.</param>
    /// <exception cref="ArgumentException">An argument is out of its range.</exception>
    public LinearLR(Optimizer optimizer, double startFactor = 1.0 / 3, double endFactor = 1.0,
        long totalIters = 5) : base(optimizer)
    {
        if (startFactor is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(startFactor), startFactor, "startFactor must be in (0, 1]");
        if (endFactor is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(endFactor), endFactor, "endFactor must be in [0, 1]");
        ArgumentOutOfRangeException.ThrowIfLessThan(totalIters, 1);
        _startFactor = startFactor;
        _endFactor = endFactor;
        _totalIters = totalIters;
        Start();
    }

    /// <inheritdoc/>
    protected override double NextRate(int group, double rate)
    {
        if (Epoch == 0)
            return rate * _startFactor;
        if (Epoch > _totalIters)
            return rate;
        var range = _endFactor - _startFactor;
        return rate * (1 + range / (_totalIters * _startFactor + (Epoch - 1) * range));
    }

    /// <inheritdoc/>
    protected override double RateAt(int group, double rate) => BaseLearningRates[group] *
        (_startFactor + (_endFactor - _startFactor) * Math.Min(_totalIters, Epoch) / _totalIters);
}
