// Schedulers one after the other.

namespace TorchScratch.Optim;

/// <summary>
/// Uses the first scheduler until the first milestone, then the second from its own epoch 0 on, and so forth.
/// </summary>
public sealed class SequentialLR : LRScheduler
{
    private readonly LRScheduler[] _schedulers;
    private readonly long[] _milestones;

    /// <summary>Sets the rates of epoch 0, by the first scheduler.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="schedulers">Schedulers of this optimizer, as they were made.</param>
    /// <param name="milestones">The epochs at which the second, third, ... scheduler begins.</param>
    /// <exception cref="ArgumentException">
    /// The milestones are not one fewer than the schedulers, or a scheduler is another optimizer's or steps by a
    /// metric.
    /// </exception>
    public SequentialLR(Optimizer optimizer, IEnumerable<LRScheduler> schedulers, IEnumerable<long> milestones)
        : base(optimizer)
    {
        _schedulers = Checked(optimizer, schedulers);
        _milestones = [.. milestones];
        if (_milestones.Length != _schedulers.Length - 1)
            throw new ArgumentException($"{_schedulers.Length} schedulers need {_schedulers.Length - 1} milestones, " +
                $"got {_milestones.Length}", nameof(milestones));
        for (var i = 1; i < _milestones.Length; i++)
        {
            if (_milestones[i] < _milestones[i - 1])
                throw new ArgumentException("milestones come in order", nameof(milestones));
        }
        // Each has set the rates of its epoch 0; only the first shall have.
        foreach (var group in optimizer.ParameterGroups)
            group.LearningRate = group.InitialLearningRate!.Value;
        foreach (var scheduler in _schedulers)
            scheduler.UndoStep();
        _schedulers[0].Step();
        Epoch = 0;
        CopyRates(_schedulers[0].LastLearningRates);
    }

    /// <summary>A schedule after a warm-up in which the rates grow linearly from a share of their base.</summary>
    /// <param name="optimizer">Whose rates to set.</param>
    /// <param name="steps">Length of the warm-up.</param>
    /// <param name="then">Makes the scheduler that follows.</param>
    /// <param name="startFactor">The share at first, in (0, 1].</param>
    public static SequentialLR WithWarmup(Optimizer optimizer, long steps, Func<Optimizer, LRScheduler> then,
        double startFactor = 1e-3)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(then);
        var warmup = new LinearLR(optimizer, startFactor, 1, steps);
        return new(optimizer, [warmup, then(optimizer)], [steps]);
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

    internal override void Visit(StateVisitor visitor)
    {
        base.Visit(visitor);
        for (var i = 0; i < _schedulers.Length; i++)
            _schedulers[i].Visit(visitor.Below($"_schedulers.{i}"));
    }

    private protected override double NextRate(int group, double rate) => rate;

    internal static LRScheduler[] Checked(Optimizer optimizer, IEnumerable<LRScheduler> schedulers)
    {
        ArgumentNullException.ThrowIfNull(schedulers);
        LRScheduler[] all = [.. schedulers];
        if (all.Length == 0)
            throw new ArgumentException("there is no scheduler", nameof(schedulers));
        foreach (var scheduler in all)
        {
            ArgumentNullException.ThrowIfNull(scheduler, nameof(schedulers));
            if (scheduler.Optimizer != optimizer)
                throw new ArgumentException($"{scheduler.GetType().Name} belongs to another optimizer",
                    nameof(schedulers));
            if (scheduler is ReduceLROnPlateau)
                throw new ArgumentException("ReduceLROnPlateau steps by a metric and cannot be part of another",
                    nameof(schedulers));
        }
        return all;
    }
}
