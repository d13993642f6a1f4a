// Decay at chosen epochs.

namespace TorchScratch.Optim;

/// <summary>Multiplies the rates by gamma at each milestone; one that is named twice counts twice.</summary>
public sealed class MultiStepLR : LRScheduler
{
    private readonly long[] _milestones;
    private readonly double _gamma;

    /// <summary>Sets the rates of epoch 0.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="milestones">Epochs of decays.</param>
    /// <param name="gamma">Factor of a decay.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public MultiStepLR(Optimizer optimizer, IEnumerable<long> milestones, double gamma = 0.1) : base(optimizer)
    {
        ArgumentNullException.ThrowIfNull(milestones);
        _milestones = [.. milestones.Order()];
        _gamma = gamma;
        Start();
    }

    private protected override double NextRate(int group, double rate) =>
        rate * Math.Pow(_gamma, _milestones.Count(milestone => milestone == Epoch));

    private protected override double RateAt(int group, double rate) =>
        BaseLearningRates[group] * Math.Pow(_gamma, _milestones.Count(milestone => milestone <= Epoch));
}
