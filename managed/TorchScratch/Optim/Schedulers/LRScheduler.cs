// What all schedulers share: they change an optimizer's learning rates from epoch to epoch.

using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>
/// Sets the learning rates of an optimizer. Making one sets those of the first epoch; <see cref="Step()"/> at the end
/// of each epoch (or batch, as the schedule is meant) those of the next. Formulas are PyTorch's. Most schedules
/// multiply the rates as they stand, so that several may act together (<see cref="ChainedScheduler"/>).
/// </summary>
public abstract class LRScheduler
{
    private double[] _baseRates;
    private double[] _lastRates;
    private long _stepCount;

    private protected LRScheduler(Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        Optimizer = optimizer;
        foreach (var group in optimizer.ParameterGroups)
            group.InitialLearningRate ??= group.LearningRate;
        _baseRates = [.. optimizer.ParameterGroups.Select(group => group.InitialLearningRate!.Value)];
        _lastRates = [.. _baseRates];
    }

    /// <summary>The optimizer whose learning rates this scheduler sets.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>The epoch whose rates are set, from 0; the number of steps.</summary>
    public long Epoch { get; private protected set; } = -1;

    /// <summary>What each group's rate was before any schedule.</summary>
    public IReadOnlyList<double> BaseLearningRates => _baseRates;

    /// <summary>What this scheduler last set each group's rate to.</summary>
    public IReadOnlyList<double> LastLearningRates => _lastRates;

    /// <summary>Goes on to the next epoch.</summary>
    public virtual void Step()
    {
        Epoch++;
        _stepCount++;
        SetRates(NextRate);
    }

    /// <summary>
    /// Where the scheduler stands, under PyTorch's names; not its options, which are the constructor's. The learning
    /// rates themselves belong to the optimizer's state.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> StateDict()
    {
        var state = new OrderedDictionary<string, Tensor>();
        Visit(new StateWriter(state, ""));
        return state;
    }

    /// <summary>
    /// Goes back to where a scheduler of the same kind stood. All is taken over or, if it does not fit, nothing.
    /// </summary>
    /// <exception cref="StateDictException">Something does not fit; the message lists all of it.</exception>
    public void LoadStateDict(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        var plan = new StatePlan(state);
        Visit(new StateReader(plan, ""));
        plan.Run(GetType().Name);
    }

    /// <summary>The rate of a group for the epoch, mostly from the one it has.</summary>
    /// <param name="group">The number of the group.</param>
    /// <param name="rate">Its rate as it stands.</param>
    private protected abstract double NextRate(int group, double rate);

    /// <summary>The same from the base rate alone, where there is such a form: for a start in the middle.</summary>
    private protected virtual double RateAt(int group, double rate) => NextRate(group, rate);

    /// <summary>Names all that changes from step to step.</summary>
    internal virtual void Visit(StateVisitor visitor)
    {
        visitor.Number("last_epoch", () => Epoch, value => Epoch = (long)value);
        visitor.Number("_step_count", () => _stepCount, value => _stepCount = (long)value);
        visitor.Numbers("base_lrs", () => _baseRates, values => _baseRates = values);
        visitor.Numbers("_last_lr", () => _lastRates, values => _lastRates = values);
    }

    /// <summary>Sets the first epoch's rates; the last thing that a derived constructor does.</summary>
    private protected void Start() => Step();

    /// <summary>Begins anew at epoch 0, as if nothing had been scheduled: part of <see cref="SequentialLR"/>.</summary>
    internal virtual void Restart()
    {
        Epoch = 0;
        _stepCount++;
        SetRates(RateAt);
    }

    /// <summary>Takes back the step of the constructor.</summary>
    internal virtual void UndoStep() => Epoch--;

    private protected void SetRates(Func<int, double, double> rateOf)
    {
        // All rates are known before the first is set: an error changes nothing.
        var groups = Optimizer.ParameterGroups;
        var rates = new double[groups.Count];
        for (var g = 0; g < rates.Length; g++)
            rates[g] = rateOf(g, groups[g].LearningRate);
        for (var g = 0; g < rates.Length; g++)
            groups[g].LearningRate = rates[g];
        _lastRates = rates;
    }

    private protected void CopyRates(IReadOnlyList<double> rates) => _lastRates = [.. rates];

    private protected void SetBaseRates(IEnumerable<double> rates) => _baseRates = [.. rates];

    /// <summary>One number for all groups or one for each.</summary>
    private protected static double[] ForGroups(Optimizer optimizer, IReadOnlyList<double> values, string name)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(values, name);
        var count = optimizer.ParameterGroups.Count;
        return values.Count == count ? [.. values]
            : values.Count == 1 ? [.. Enumerable.Repeat(values[0], count)]
            : throw new ArgumentException($"{values.Count} numbers for {count} groups", name);
    }
}
