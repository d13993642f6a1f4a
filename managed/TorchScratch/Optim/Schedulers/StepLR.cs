// Decay in steps.

namespace TorchScratch.Optim;

/// <summary>Multiplies the rates by gamma every stepSize epochs.</summary>
public sealed class StepLR : LRScheduler
{
    private readonly long _stepSize;
    private readonly double _gamma;

    /// <summary>Sets the rates of epoch 0.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="stepSize">Epochs between decays.</param>
    /// <param name="gamma">Factor of a decay.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public StepLR(Optimizer optimizer, long stepSize, double gamma = 0.1) : base(optimizer)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(stepSize, 1);
        _stepSize = stepSize;
        _gamma = gamma;
        Start();
    }

    private protected override double NextRate(int group, double rate) =>
        Epoch == 0 || Epoch % _stepSize != 0 ? rate : rate * _gamma;

    private protected override double RateAt(int group, double rate) =>
        BaseLearningRates[group] * Math.Pow(_gamma, Epoch / _stepSize);
}
