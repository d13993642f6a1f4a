// Schedulers all at once.

namespace TorchScratch.Optim;

/// <summary>Steps several schedulers, each multiplying what the one before has left.</summary>
public sealed class ChainedScheduler : LRScheduler
{
    private readonly LRScheduler[] _schedulers;

    /// <summary>Schedulers of one optimizer, as they were made; their rates of epoch 0 are set already.</summary>
    /// <exception cref="ArgumentException">
    /// There is none, one is another optimizer's, or one steps by a metric.
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

    internal override void Visit(StateVisitor visitor)
    {
        base.Visit(visitor);
        for (var i = 0; i < _schedulers.Length; i++)
            _schedulers[i].Visit(visitor.Below($"_schedulers.{i}"));
    }

    private protected override double NextRate(int group, double rate) => rate;

    private static Optimizer OptimizerOf(IEnumerable<LRScheduler> schedulers)
    {
        ArgumentNullException.ThrowIfNull(schedulers);
        return schedulers.FirstOrDefault()?.Optimizer ?? throw new ArgumentException("there is no scheduler",
            nameof(schedulers));
    }
}
