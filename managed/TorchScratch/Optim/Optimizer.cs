// What all optimizers share.

using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>
/// Changes parameters to make a loss small: after each backward pass, <see cref="Step"/> moves every parameter that has
/// a gradient. Formulas are PyTorch's. Parameters in bfloat16 and float16 are moved by way of float32 copies, which are
/// part of the state.
/// </summary>
public abstract partial class Optimizer : IDisposable
{
    private readonly List<ParameterGroup> _groups = [];

    /// <summary>
    /// An optimizer over groups of parameters. To write one, derive a class and override <see cref="UpdateParameter"/>,
    /// or <see cref="UpdateGroup"/> to move all parameters of a group at once.
    /// </summary>
    /// <param name="groups">The groups, all of one class.</param>
    /// <exception cref="ArgumentException">
    /// There is no group, a parameter is in more than one, or options contradict each other.
    /// </exception>
    protected Optimizer(params IEnumerable<ParameterGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        foreach (var group in groups)
            AddParameterGroup(group);
        if (_groups.Count == 0)
            throw new ArgumentException("an optimizer needs at least one group of parameters", nameof(groups));
    }

    /// <summary>
    /// Adds a group of parameters, as when layers are unfrozen during training. A scheduler that exists already does
    /// not change its learning rate.
    /// </summary>
    /// <param name="group">The group, of the same class as the others.</param>
    /// <exception cref="ArgumentException">
    /// The class differs, a parameter is in a group already, or options contradict each other.
    /// </exception>
    public void AddParameterGroup(ParameterGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        if (_groups.Count > 0 && _groups[0].GetType() != group.GetType())
        {
            throw new ArgumentException($"{GetType().Name} has groups of class {_groups[0].GetType().Name}, got a " +
                $"{group.GetType().Name}", nameof(group));
        }
        group.Validate();
        var seen = _groups.SelectMany(other => other.Parameters).Select(parameter => parameter.Identity).ToHashSet();
        if (group.Parameters.Any(parameter => seen.Contains(parameter.Identity)))
            throw new ArgumentException("a parameter is in more than one group", nameof(group));
        _groups.Add(group);
    }

    /// <summary>The groups, each with options of its own.</summary>
    public IReadOnlyList<ParameterGroup> ParameterGroups => _groups;

    /// <summary>The learning rate of the first group; setting it sets that of all groups.</summary>
    public double LearningRate
    {
        get => _groups[0].LearningRate;
        set
        {
            foreach (var group in _groups)
                group.LearningRate = value;
        }
    }

    /// <summary>Drops the gradients of all parameters, as before each backward pass.</summary>
    /// <param name="setToNull">
    /// Frees them, so that the next backward pass stores instead of adding; else they become 0.
    /// </param>
    public void ZeroGrad(bool setToNull = true)
    {
        foreach (var group in _groups)
        {
            foreach (var parameter in group.Parameters)
                parameter.ZeroGrad(setToNull);
        }
    }

    /// <summary>Moves the parameters that have a gradient; the others stay as they are.</summary>
    /// <exception cref="ObjectDisposedException">A parameter was disposed.</exception>
    public void Step()
    {
        foreach (var group in _groups)
        {
            var state = group.State;
            try
            {
                state.Enter(GetType().Name);
                if (state.KeepsOwn || state.IsOnOneDevice)
                    Update(group);
                else
                    UpdateDevices(group);
                state.Masters.Store();
            }
            finally
            {
                state.Exit();
            }
        }
    }

    /// <summary>Frees what the optimizer remembers; the parameters stay.</summary>
    public void Dispose()
    {
        foreach (var group in _groups)
            group.State.Dispose();
        GC.SuppressFinalize(this);
    }

    // Apart from Step, where a lambda would cost an allocation in each.
    private void UpdateDevices(ParameterGroup group) => group.State.ForEachDevice(() => Update(group));

    /// <summary>Moves the parameters of one group, whose handles have been entered.</summary>
    private protected virtual void Update(ParameterGroup group)
    {
        var state = group.State;
        for (var i = 0; i < state.Count; i++)
            state.Steps[i] += state.Gradients[i] == 0 ? 0 : 1;
        using var noGrad = Autograd.NoGrad();
        UpdateGroup(group);
    }

    /// <summary>
    /// Moves the parameters of a group that have a gradient: calls <see cref="UpdateParameter"/> with each, in a scope
    /// that frees the tensors made meanwhile. Nothing is recorded.
    /// </summary>
    protected virtual void UpdateGroup(ParameterGroup group)
    {
        ArgumentNullException.ThrowIfNull(group);
        for (var i = 0; i < group.Parameters.Count; i++)
        {
            using var scope = Tensor.Scope();
            if (group.Parameters[i].Grad is { } gradient)
                UpdateParameter(group.Parameters[i], gradient, StateOf(group, i), group);
        }
    }

    /// <summary>Moves a parameter in place, such as <c>parameter.Sub_(gradient, group.LearningRate)</c>.</summary>
    /// <param name="parameter">The parameter.</param>
    /// <param name="gradient">Its gradient, of the same shape.</param>
    /// <param name="state">What the optimizer remembers of it, which a state dict contains.</param>
    /// <param name="group">The group with its options.</param>
    protected virtual void UpdateParameter(Parameter parameter, Tensor gradient, ParameterState state,
        ParameterGroup group) =>
        throw new NotSupportedException($"{GetType().Name} must override UpdateParameter or UpdateGroup");

    /// <summary>What the optimizer remembers of a parameter.</summary>
    /// <param name="group">A group of this optimizer.</param>
    /// <param name="index">The index of the parameter in it.</param>
    protected static ParameterState StateOf(ParameterGroup group, int index)
    {
        ArgumentNullException.ThrowIfNull(group);
        return group.State.OwnOf(index);
    }
}
