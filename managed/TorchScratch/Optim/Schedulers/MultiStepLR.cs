// Decay at given epochs.

namespace TorchScratch.Optim;

/// <summary>Multiplies the learning rates by gamma at each milestone; a milestone listed twice counts twice.</summary>
public sealed class MultiStepLR : LRScheduler
{
    private readonly long[] _milestones;
    private readonly double _gamma;

    /// <summary>Sets the learning rates of epoch 0.</summary>
    /// <param name="optimizer">The optimizer whose learning rates to set.</param>
    /// <param name="milestones">The epochs at which to decay.</param>
    /// <param name="gamma">The factor of each decay.</param>
    public MultiStepLR(Optimizer optimizer, IEnumerable<long> milestones, double gamma = 0.1) : base(optimizer)
    {
        ArgumentNullException.ThrowIfNull(milestones);
        _milestones = [.. milestones.Order()];
        _gamma = gamma;
        Start();
    }

    /// <inheritdoc/>
    protected override double NextRate(int group, double rate) =>
        rate * Math.Pow(_gamma, _milestones.Count(milestone => milestone == Epoch));

    /// <inheritdoc/>
    protected override double RateAt(int group, double rate) =>
        BaseLearningRates[group] * Math.Pow(_gamma, _milestones.Count(milestone => milestone <= Epoch));
}
