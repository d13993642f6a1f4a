// What all schedulers share: they set the learning rates of an optimizer from epoch to epoch.

using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>
/// Sets the learning rates of an optimizer. The constructor sets those of epoch 0; call <see cref="Step()"/> at the end
/// of each epoch (or batch, where the schedule says so) to set those of the next. The formulas are PyTorch's. Most
/// schedules multiply the current rates, so that several can act together (<see cref="ChainedScheduler"/>).
/// </summary>
public abstract class LRScheduler
{
    private double[] _baseRates;
    private double[] _lastRates;
    private long _stepCount;

    /// <summary>
    /// A scheduler of an optimizer. To write one, derive a class, override <see cref="NextRate"/>, and call
    /// <see cref="Start"/> at the end of its constructor.
    /// </summary>
    protected LRScheduler(Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        Optimizer = optimizer;
        _baseRates = [.. optimizer.ParameterGroups.Select(group => group.InitialLearningRate ?? group.LearningRate)];
        _lastRates = [.. _baseRates];
    }

    /// <summary>The optimizer whose learning rates this scheduler sets.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>The epoch whose learning rates are set, counted from 0.</summary>
    public long Epoch { get; private protected set; } = -1;

    /// <summary>The learning rate of each group before any scheduler changed it.</summary>
    public IReadOnlyList<double> BaseLearningRates => _baseRates;

    /// <summary>The learning rate of each group that this scheduler set last.</summary>
    public IReadOnlyList<double> LastLearningRates => _lastRates;

    /// <summary>Sets the learning rates of the next epoch.</summary>
    /// <exception cref="InvalidOperationException">
    /// The scheduler needs a metric, as <see cref="ReduceLROnPlateau"/> does.
    /// </exception>
    public virtual void Step()
    {
        Epoch++;
        _stepCount++;
        SetRates(NextRate);
    }

    /// <summary>
    /// What changes from step to step, under PyTorch's names. The arguments of the constructor are not part of it, and
    /// the learning rates themselves belong to the state of the optimizer.
    /// </summary>
    public IReadOnlyDictionary<string, Tensor> StateDict()
    {
        var state = new OrderedDictionary<string, Tensor>();
        Visit(new StateWriter(state, ""));
        return state;
    }

    /// <summary>
    /// Restores the state of a scheduler of the same kind. If something does not fit, nothing changes.
    /// </summary>
    /// <param name="state">A state as <see cref="StateDict"/> returns it.</param>
    /// <exception cref="StateDictException">Something does not fit; the message lists all of it.</exception>
    public void LoadStateDict(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        new StatePlan(state).Run(GetType().Name, plan => Visit(new StateReader(plan, "")));
    }

    /// <summary>
    /// The learning rate of a group for the current epoch, usually computed from its rate in the previous epoch.
    /// </summary>
    /// <param name="group">The index of the group.</param>
    /// <param name="rate">Its current learning rate.</param>
    protected abstract double NextRate(int group, double rate);

    /// <summary>
    /// The same computed from the base rate alone, where a closed form exists; <see cref="Restart"/> needs it.
    /// </summary>
    protected virtual double RateAt(int group, double rate) => NextRate(group, rate);

    /// <summary>
    /// Visits every number that changes from step to step, for checkpoints. A derived class visits its own behind those
    /// of its base.
    /// </summary>
    protected virtual void Visit(StateVisitor visitor)
    {
        ArgumentNullException.ThrowIfNull(visitor);
        visitor.Count("last_epoch", () => Epoch, value => Epoch = value, visitor.FirstEpoch);
        visitor.Count("_step_count", () => _stepCount, value => _stepCount = value);
        visitor.Numbers("base_lrs", () => _baseRates, values => _baseRates = values);
        visitor.Numbers("_last_lr", () => _lastRates, values => _lastRates = values);
    }

    internal void Accept(StateVisitor visitor) => Visit(visitor);

    /// <summary>Sets the rates of epoch 0; derived constructors call it last.</summary>
    protected void Start()
    {
        var groups = Optimizer.ParameterGroups;
        var rates = groups.Select(group => group.LearningRate).ToArray();
        Step();
        // Only now, so that a constructor that fails leaves nothing behind.
        for (var g = 0; g < rates.Length; g++)
            groups[g].InitialLearningRate ??= rates[g];
    }

    /// <summary>
    /// Starts again from epoch 0 and the base rates, when <see cref="SequentialLR"/> switches to this scheduler.
    /// </summary>
    internal virtual void Restart()
    {
        Epoch = 0;
        _stepCount++;
        SetRates(RateAt);
    }

    /// <summary>Undoes the step of the constructor.</summary>
    internal virtual void UndoStep() => Epoch--;

    private protected void SetRates(Func<int, double, double> rateOf)
    {
        // All rates are computed before the first is set, so that an exception changes nothing.
        var groups = Optimizer.ParameterGroups;
        // The groups there were when the scheduler was made.
        var rates = new double[_baseRates.Length];
        for (var g = 0; g < rates.Length; g++)
            rates[g] = rateOf(g, groups[g].LearningRate);
        for (var g = 0; g < rates.Length; g++)
            groups[g].LearningRate = rates[g];
        _lastRates = rates;
    }

    private protected void CopyRates(IReadOnlyList<double> rates) => _lastRates = [.. rates];

    private protected void SetBaseRates(IEnumerable<double> rates) => _baseRates = [.. rates];

    /// <summary>One value for each group, given one value for all groups or one for each.</summary>
    private protected static double[] ForGroups(Optimizer optimizer, IReadOnlyList<double> values, string name)
    {
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(values, name);
        var count = optimizer.ParameterGroups.Count;
        return values.Count == count ? [.. values]
            : values.Count == 1 ? [.. Enumerable.Repeat(values[0], count)]
            : throw new ArgumentException(
                $"expected 1 value or {count}, one for each parameter group, got {values.Count}", name);
    }

    /// <summary>One function for each parameter group, of as many or of one for all.</summary>
    private protected static Func<long, double>[] ForEachGroup(Optimizer optimizer,
        ReadOnlySpan<Func<long, double>> factors)
    {
        var count = optimizer.ParameterGroups.Count;
        if (factors.Length != 1 && factors.Length != count)
            throw new ArgumentException(
                $"expected 1 function or {count}, one for each parameter group, got {factors.Length}", nameof(factors));
        foreach (var factor in factors)
        {
            if (factor is null)
                throw new ArgumentException("a function is null", nameof(factors));
        }
        return factors.Length == count ? factors.ToArray() : [.. Enumerable.Repeat(factors[0], count)];
    }
}
