// Polynomial decay.

namespace TorchScratch.Optim;

/// <summary>Multiplies the base rates by (1 - epoch / totalIters)^power, which reaches 0 at epoch totalIters.</summary>
public sealed class PolynomialLR : LRScheduler
{
    private readonly long _totalIters;
    private readonly double _power;

    /// <summary>Sets the learning rates of epoch 0.</summary>
    /// <param name="optimizer">The optimizer whose learning rates to set.</param>
    /// <param name="totalIters">The number of epochs until the rates are 0.</param>
    /// <param name="power">The exponent; 1 is a straight line.</param>
    /// <exception cref="ArgumentException">An argument is out of its range.</exception>
    public PolynomialLR(Optimizer optimizer, long totalIters = 5, double power = 1) : base(optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(totalIters, 1);
        _totalIters = totalIters;
        _power = power;
        Start();
    }

    /// <inheritdoc/>
    protected override double NextRate(int group, double rate)
    {
        if (Epoch == 0 || Epoch > _totalIters)
            return rate;
        // (1 - e/T) / (1 - (e - 1)/T)
        return rate * Math.Pow((double)(_totalIters - Epoch) / (_totalIters - Epoch + 1), _power);
    }

    /// <inheritdoc/>
    protected override double RateAt(int group, double rate) => BaseLearningRates[group] *
        Math.Pow(1 - (double)Math.Min(_totalIters, Epoch) / _totalIters, _power);
}
