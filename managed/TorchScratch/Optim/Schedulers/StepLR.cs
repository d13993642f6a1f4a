// Decay every few epochs.

namespace TorchScratch.Optim;

/// <summary>Multiplies the learning rates by gamma every stepSize epochs.</summary>
public sealed class StepLR : LRScheduler
{
    private readonly long _stepSize;
    private readonly double _gamma;

    /// <summary>Sets the learning rates of epoch 0.</summary>
    /// <param name="optimizer">The optimizer whose learning rates to set.</param>
    /// <param name="stepSize">The number of epochs between decays.</param>
    /// <param name="gamma">The factor of each decay.</param>
    /// <exception cref="ArgumentException">An argument is out of its range.</exception>
    public StepLR(Optimizer optimizer, long stepSize, double gamma = 0.1) : base(optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stepSize, 1);
        _stepSize = stepSize;
        _gamma = gamma;
        Start();
    }

    /// <inheritdoc/>
    protected override double NextRate(int group, double rate) =>
        Epoch == 0 || Epoch % _stepSize != 0 ? rate : rate * _gamma;

    /// <inheritdoc/>
    protected override double RateAt(int group, double rate) =>
        BaseLearningRates[group] * Math.Pow(_gamma, Epoch / _stepSize);
}
