// Exponential decay.

namespace TorchScratch.Optim;

/// <summary>Multiplies the learning rates by gamma every epoch.</summary>
public sealed class ExponentialLR : LRScheduler
{
    private readonly double _gamma;

    /// <summary>Sets the learning rates of epoch 0.</summary>
    /// <param name="optimizer">The optimizer whose learning rates to set.</param>
    /// <param name="gamma">The factor of each epoch.</param>
    public ExponentialLR(Optimizer optimizer, double gamma) : base(optimizer)
    {
        _gamma = gamma;
        Start();
    }

    /// <inheritdoc/>
    protected override double NextRate(int group, double rate) => Epoch == 0 ? rate : rate * _gamma;

    /// <inheritdoc/>
    protected override double RateAt(int group, double rate) =>
        BaseLearningRates[group] * Math.Pow(_gamma, Epoch);
}
