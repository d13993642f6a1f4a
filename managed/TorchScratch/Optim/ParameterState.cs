// What an optimizer that is derived outside of the library remembers of a parameter.

using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>
/// Tensors that an optimizer keeps beside a parameter, by name. They are part of the state dict of the optimizer, and
/// scopes do not free them.
/// </summary>
public sealed class ParameterState
{
    private readonly GroupState _group;
    private readonly int _index;
    private readonly OrderedDictionary<string, Tensor> _tensors = [];

    internal ParameterState(GroupState group, int index) => (_group, _index) = (group, index);

    /// <summary>The number of steps that the parameter has taken, the current one included.</summary>
    public long Step => _group.Steps[_index];

    /// <summary>The tensors by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Tensors => _tensors;

    /// <summary>A tensor; setting it disposes the one it replaces, which is not possible for a missing name.</summary>
    /// <exception cref="KeyNotFoundException">There is none of the name.</exception>
    public Tensor this[string name]
    {
        get => _tensors[name];
        set
        {
            ArgumentException.ThrowIfNullOrEmpty(name);
            ArgumentNullException.ThrowIfNull(value);
            if (_tensors.TryGetValue(name, out var former) && !ReferenceEquals(former, value))
                former.Dispose();
            _tensors[name] = Parameter.OutOfScopes(value);
        }
    }

    /// <summary>The tensor of a name, which is made when it is asked for the first time.</summary>
    /// <param name="name">The name.</param>
    /// <param name="create">Makes the tensor, such as <c>() => Tensor.ZerosLike(parameter)</c>.</param>
    public Tensor GetOrAdd(string name, Func<Tensor> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        if (!_tensors.TryGetValue(name, out var tensor))
            this[name] = tensor = create();
        return tensor;
    }

    /// <summary>
    /// Moves the tensors of the parameter's shape to its device; others, such as counts, may be on the CPU.
    /// </summary>
    internal void MoveTo(Device device)
    {
        foreach (var (name, tensor) in _tensors.ToArray())
        {
            if (tensor.NDim == 0 || tensor.Device == device)
                continue;
            using var noGrad = Autograd.NoGrad();
            this[name] = tensor.To(device);
        }
    }

    internal void Clear()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
        _tensors.Clear();
    }
}
