// A factor that changes linearly: warm-up, mostly.

namespace TorchScratch.Optim;

/// <summary>Multiplies the rates by a factor that goes linearly from one value to another.</summary>
public sealed class LinearLR : LRScheduler
{
    private readonly double _startFactor;
    private readonly double _endFactor;
    private readonly long _totalIterations;

    /// <summary>Sets the rates of epoch 0.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="startFactor">At epoch 0, in (0, 1].</param>
    /// <param name="endFactor">From epoch totalIterations on, in [0, 1].</param>
    /// <param name="totalIterations">Epochs in between.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public LinearLR(Optimizer optimizer, double startFactor = 1.0 / 3, double endFactor = 1.0,
        long totalIterations = 5) : base(optimizer)
    {
        if (startFactor is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(startFactor), startFactor, "the first factor lies in (0, 1]");
        if (endFactor is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(endFactor), endFactor, "the last factor lies in [0, 1]");
        ArgumentOutOfRangeException.ThrowIfLessThan(totalIterations, 1);
        _startFactor = startFactor;
        _endFactor = endFactor;
        _totalIterations = totalIterations;
        Start();
    }

    private protected override double NextRate(int group, double rate)
    {
        if (Epoch == 0)
            return rate * _startFactor;
        if (Epoch > _totalIterations)
            return rate;
        var range = _endFactor - _startFactor;
        return rate * (1 + range / (_totalIterations * _startFactor + (Epoch - 1) * range));
    }

    private protected override double RateAt(int group, double rate) => BaseLearningRates[group] *
        (_startFactor + (_endFactor - _startFactor) * Math.Min(_totalIterations, Epoch) / _totalIterations);
}
