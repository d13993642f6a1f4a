// Several schedulers that act on the same rates in every epoch.

namespace TorchScratch.Optim;

/// <summary>Steps several schedulers, each of which multiplies the rates that the one before it has set.</summary>
public sealed class ChainedScheduler : LRScheduler
{
    private readonly LRScheduler[] _schedulers;

    /// <summary>Chains newly created schedulers, whose constructors have already set the rates of epoch 0.</summary>
    /// <param name="schedulers">At least one scheduler, all of the same optimizer.</param>
    /// <exception cref="ArgumentException">
    /// There is no scheduler, one belongs to another optimizer, or one is a <see cref="ReduceLROnPlateau"/>.
    /// </exception>
    public ChainedScheduler(params IEnumerable<LRScheduler> schedulers) : base(OptimizerOf(schedulers))
    {
        _schedulers = SequentialLR.Checked(Optimizer, schedulers);
        Epoch = 0;
        CopyRates(_schedulers[^1].LastLearningRates);
    }

    /// <inheritdoc/>
    public override void Step()
    {
        Epoch++;
        foreach (var scheduler in _schedulers)
            scheduler.Step();
        CopyRates(_schedulers[^1].LastLearningRates);
    }

    /// <inheritdoc/>
    protected override void Visit(StateVisitor visitor)
    {
        base.Visit(visitor);
        for (var i = 0; i < _schedulers.Length; i++)
            _schedulers[i].Accept(visitor.Below($"_schedulers.{i}"));
    }

    /// <inheritdoc/>
    protected override double NextRate(int group, double rate) => rate;

    private static Optimizer OptimizerOf(IEnumerable<LRScheduler> schedulers)
    {
        ArgumentNullException.ThrowIfNull(schedulers);
        return schedulers.FirstOrDefault()?.Optimizer ??
            throw new ArgumentException("at least one scheduler is needed", nameof(schedulers));
    }
}
