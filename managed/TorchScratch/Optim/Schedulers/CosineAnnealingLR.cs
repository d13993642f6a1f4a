// Decay along a cosine.

namespace TorchScratch.Optim;

/// <summary>
/// Moves the rates along a cosine between their base and a minimum, down in halfPeriod epochs, and up again.
/// </summary>
public sealed class CosineAnnealingLR : LRScheduler
{
    private readonly long _halfPeriod;
    private readonly double _minimum;

    /// <summary>Sets the rates of epoch 0.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="halfPeriod">Epochs from the base down to the minimum; PyTorch's T_max.</param>
    /// <param name="minimum">The smallest rate; PyTorch's eta_min.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public CosineAnnealingLR(Optimizer optimizer, long halfPeriod, double minimum = 0) : base(optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(halfPeriod, 1);
        _halfPeriod = halfPeriod;
        _minimum = minimum;
        Start();
    }

    private protected override double NextRate(int group, double rate)
    {
        if (Epoch == 0)
            return rate;
        var range = BaseLearningRates[group] - _minimum;
        // From the minimum, where the quotient below would be 0 / 0.
        if ((Epoch - 1 - _halfPeriod) % (2 * _halfPeriod) == 0)
            return rate + range * (1 - Math.Cos(Math.PI / _halfPeriod)) / 2;
        return Height(Epoch) / Height(Epoch - 1) * (rate - _minimum) + _minimum;
    }

    private protected override double RateAt(int group, double rate) =>
        _minimum + (BaseLearningRates[group] - _minimum) * Height(Epoch) / 2;

    private double Height(long epoch) => 1 + Math.Cos(Math.PI * epoch / _halfPeriod);
}
