// Decay along a cosine: Loshchilov and Hutter (2017), without restarts.

namespace TorchScratch.Optim;

/// <summary>
/// Moves the learning rates along a cosine: etaMin + (base - etaMin) (1 + cos(pi epoch / tMax)) / 2, which falls from
/// the base to etaMin in tMax epochs and rises again in the next tMax.
/// </summary>
public sealed class CosineAnnealingLR : LRScheduler
{
    private readonly long _tMax;
    private readonly double _etaMin;

    /// <summary>Sets the learning rates of epoch 0.</summary>
    /// <param name="optimizer">The optimizer whose learning rates to set.</param>
    /// <param name="tMax">The number of epochs from the base rate to etaMin: half the period of the cosine.</param>
    /// <param name="etaMin">The smallest learning rate.</param>
    /// <exception cref="ArgumentException">An argument is out of its range.</exception>
    public CosineAnnealingLR(Optimizer optimizer, long tMax, double etaMin = 0) : base(optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(tMax, 1);
        _tMax = tMax;
        _etaMin = etaMin;
        Start();
    }

    /// <inheritdoc/>
    protected override double NextRate(int group, double rate)
    {
        if (Epoch == 0)
            return rate;
        var range = BaseLearningRates[group] - _etaMin;
        // The epoch after a minimum, where the quotient below would be 0 / 0.
        if ((Epoch - 1 - _tMax) % (2 * _tMax) == 0)
            return rate + range * (1 - Math.Cos(Math.PI / _tMax)) / 2;
        return Height(Epoch) / Height(Epoch - 1) * (rate - _etaMin) + _etaMin;
    }

    /// <inheritdoc/>
    protected override double RateAt(int group, double rate) =>
        _etaMin + (BaseLearningRates[group] - _etaMin) * Height(Epoch) / 2;

    private double Height(long epoch) => 1 + Math.Cos(Math.PI * epoch / _tMax);
}
