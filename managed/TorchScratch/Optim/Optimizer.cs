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
    private readonly ParameterGroup[] _groups;

    private protected Optimizer(IEnumerable<ParameterGroup> groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        _groups = [.. groups];
        if (_groups.Length == 0)
            throw new ArgumentException("an optimizer needs at least one group of parameters", nameof(groups));
        var seen = new HashSet<Parameter>(ReferenceEqualityComparer.Instance);
        foreach (var group in _groups)
        {
            ArgumentNullException.ThrowIfNull(group, nameof(groups));
            group.Validate();
            if (!group.Parameters.All(seen.Add))
                throw new ArgumentException("a parameter is in more than one group", nameof(groups));
        }
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
                Update(group);
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

    /// <summary>Moves the parameters of one group, whose handles have been entered.</summary>
    private protected abstract void Update(ParameterGroup group);
}
