// A smaller rate at first.

namespace TorchScratch.Optim;

/// <summary>Multiplies the rates by a factor for the first epochs.</summary>
public sealed class ConstantLR : LRScheduler
{
    private readonly double _factor;
    private readonly long _totalIterations;

    /// <summary>Sets the rates of epoch 0.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="factor">Of the first epochs, in (0, 1].</param>
    /// <param name="totalIterations">Number of these epochs.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public ConstantLR(Optimizer optimizer, double factor = 1.0 / 3, long totalIterations = 5) : base(optimizer)
    {
        if (factor is not (> 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(factor), factor, "a factor lies in (0, 1]");
        ArgumentOutOfRangeException.ThrowIfNegative(totalIterations);
        _factor = factor;
        _totalIterations = totalIterations;
        Start();
    }

    private protected override double NextRate(int group, double rate) =>
        // Without any such epoch, the factor is never put on.
        Epoch == 0 ? rate * (_totalIterations == 0 ? 1 : _factor) : Epoch == _totalIterations
            ? rate * (1 / _factor) : rate;

    private protected override double RateAt(int group, double rate) =>
        BaseLearningRates[group] * (Epoch >= _totalIterations ? 1 : _factor);
}
