// Polynomial decay.

namespace TorchScratch.Optim;

/// <summary>Lowers the rates to 0 as (1 - epoch / totalIterations)^power.</summary>
public sealed class PolynomialLR : LRScheduler
{
    private readonly long _totalIterations;
    private readonly double _power;

    /// <summary>Sets the rates of epoch 0.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="totalIterations">Epochs until 0.</param>
    /// <param name="power">The exponent.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public PolynomialLR(Optimizer optimizer, long totalIterations = 5, double power = 1) : base(optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(totalIterations, 1);
        _totalIterations = totalIterations;
        _power = power;
        Start();
    }

    private protected override double NextRate(int group, double rate)
    {
        if (Epoch == 0 || Epoch > _totalIterations)
            return rate;
        // (1 - e/T) / (1 - (e - 1)/T)
        return rate * Math.Pow((double)(_totalIterations - Epoch) / (_totalIterations - Epoch + 1), _power);
    }

    private protected override double RateAt(int group, double rate) => BaseLearningRates[group] *
        Math.Pow(1 - (double)Math.Min(_totalIterations, Epoch) / _totalIterations, _power);
}
