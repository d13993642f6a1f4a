// Several schedulers, one after another.

namespace TorchScratch.Optim;

/// <summary>
/// Uses the first scheduler until the first milestone, then the second, starting at its epoch 0, and so on.
/// </summary>
public sealed class SequentialLR : LRScheduler
{
    private readonly LRScheduler[] _schedulers;
    private readonly long[] _milestones;

    /// <summary>Sets the learning rates of epoch 0 by the first scheduler.</summary>
    /// <param name="optimizer">The optimizer whose learning rates to set.</param>
    /// <param name="schedulers">Newly created schedulers of this optimizer.</param>
    /// <param name="milestones">The epochs at which the second, third, ... scheduler takes over, in order.</param>
    /// <exception cref="ArgumentException">
    /// There is not exactly one milestone fewer than there are schedulers, or a scheduler belongs to another optimizer
    /// or is a <see cref="ReduceLROnPlateau"/>.
    /// </exception>
    public SequentialLR(Optimizer optimizer, IEnumerable<LRScheduler> schedulers, IEnumerable<long> milestones)
        : base(optimizer)
    {
        ArgumentNullException.ThrowIfNull(schedulers);
        ArgumentNullException.ThrowIfNull(milestones);
        _schedulers = Checked(optimizer, schedulers);
        _milestones = [.. milestones];
        if (_milestones.Length != _schedulers.Length - 1)
            throw new ArgumentException($"{_schedulers.Length} schedulers need {_schedulers.Length - 1} milestones, " +
                $"got {_milestones.Length}", nameof(milestones));
        for (var i = 1; i < _milestones.Length; i++)
        {
            if (_milestones[i] < _milestones[i - 1])
                throw new ArgumentException("the milestones must be in order", nameof(milestones));
        }
        // Every constructor has set the rates of its epoch 0; only those of the first scheduler count.
        foreach (var group in optimizer.ParameterGroups)
            group.LearningRate = group.InitialLearningRate ?? group.LearningRate;
        foreach (var scheduler in _schedulers)
            scheduler.UndoStep();
        _schedulers[0].Step();
        Epoch = 0;
        CopyRates(_schedulers[0].LastLearningRates);
    }

    /// <summary>
    /// A schedule that follows a warm-up in which the learning rates grow linearly from a fraction of their base.
    /// </summary>
    /// <param name="optimizer">The optimizer whose learning rates to set.</param>
    /// <param name="steps">The number of steps of the warm-up.</param>
    /// <param name="then">Creates the scheduler that follows.</param>
    /// <param name="startFactor">The fraction of the base at step 0, in (0, 1].</param>
    public static SequentialLR WithWarmup(Optimizer optimizer, long steps, Func<Optimizer, LRScheduler> then,
        double startFactor = 1e-3)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(then);
        var before = optimizer.ParameterGroups
            .Select(group => (Group: group, group.LearningRate, group.InitialLearningRate)).ToArray();
        try
        {
            var warmup = new LinearLR(optimizer, startFactor, 1, steps);
            return new(optimizer, [warmup, then(optimizer)], [steps]);
        }
        catch
        {
            // The warm-up has set the rates already.
            foreach (var (group, rate, initial) in before)
                (group.LearningRate, group.InitialLearningRate) = (rate, initial);
            throw;
        }
    }

    /// <inheritdoc/>
    public override void Step()
    {
        Epoch++;
        var current = _milestones.Count(milestone => milestone <= Epoch);
        if (current > 0 && _milestones[current - 1] == Epoch)
            _schedulers[current].Restart();
        else
            _schedulers[current].Step();
        CopyRates(_schedulers[current].LastLearningRates);
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

    internal static LRScheduler[] Checked(Optimizer optimizer, IEnumerable<LRScheduler> schedulers)
    {
        ArgumentNullException.ThrowIfNull(schedulers);
        LRScheduler[] all = [.. schedulers];
        if (all.Length == 0)
            throw new ArgumentException("at least one scheduler is needed", nameof(schedulers));
        foreach (var scheduler in all)
        {
            ArgumentNullException.ThrowIfNull(scheduler, nameof(schedulers));
            if (scheduler.Optimizer != optimizer)
                throw new ArgumentException($"{scheduler.GetType().Name} belongs to another optimizer",
                    nameof(schedulers));
            if (scheduler is ReduceLROnPlateau)
                throw new ArgumentException(
                    "ReduceLROnPlateau needs a metric at each step and cannot be part of another scheduler",
                    nameof(schedulers));
        }
        return all;
    }
}
