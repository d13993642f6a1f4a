// A constant factor for the first epochs.

namespace TorchScratch.Optim;

/// <summary>Multiplies the learning rates by a factor until epoch totalIters.</summary>
public sealed class ConstantLR : LRScheduler
{
    private readonly double _factor;
    private readonly long _totalIters;

    /// <summary>Sets the learning rates of epoch 0.</summary>
    /// <param name="optimizer">The optimizer whose learning rates to set.</param>
    /// <param name="factor">The factor of the first epochs, in (0, 1].</param>
    /// <param name="totalIters">The number of epochs with the factor.</param>
    /// <exception cref="ArgumentException">An argument is out of its range.</exception>
    public ConstantLR(Optimizer optimizer, double factor = 1.0 / 3, long totalIters = 5) : base(optimizer)
    {
        if (factor is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "the factor must be in (0, 1]");
        ArgumentOutOfRangeException.ThrowIfNegative(totalIters);
        _factor = factor;
        _totalIters = totalIters;
        Start();
    }

    /// <inheritdoc/>
    protected override double NextRate(int group, double rate) =>
        // With totalIters = 0 the factor is never applied.
        Epoch == 0 ? rate * (_totalIters == 0 ? 1 : _factor) : Epoch == _totalIters
            ? rate * (1 / _factor) : rate;

    /// <inheritdoc/>
    protected override double RateAt(int group, double rate) =>
        BaseLearningRates[group] * (Epoch >= _totalIters ? 1 : _factor);
}
