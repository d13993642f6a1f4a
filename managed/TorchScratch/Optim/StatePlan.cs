// Loading a checkpoint in two passes: look at everything first, then change.

using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>Collects what is to be done with a state, and does it only when everything fits.</summary>
internal sealed class StatePlan(IReadOnlyDictionary<string, Tensor> state)
{
    private readonly List<Action> _actions = [];
    private readonly List<string> _missing = [];
    private readonly List<string> _mismatches = [];
    private readonly HashSet<string> _known = [];

    public bool Contains(string key) => state.ContainsKey(key);

    public void Do(Action action) => _actions.Add(action);

    /// <summary>A number, kept as a tensor with one element.</summary>
    public void Read(string key, Action<double> set)
    {
        if (Find(key, isOptional: false) is not { } tensor)
            return;
        if (tensor.ElementCount != 1)
        {
            _mismatches.Add($"{key}: expected one number, got {tensor.ShapeText}");
            return;
        }
        using var converted = tensor.Detach().To(DType.Float64);
        var value = converted.Item<double>();
        _actions.Add(() => set(value));
    }

    /// <summary>A vector of numbers.</summary>
    public void ReadList(string key, int count, Action<double[]> set)
    {
        if (Find(key, isOptional: false) is not { } tensor)
            return;
        if (!tensor.Shape.SequenceEqual([count]))
        {
            _mismatches.Add($"{key}: expected {count} numbers, got {tensor.ShapeText}");
            return;
        }
        using var converted = tensor.Detach().To(DType.Float64);
        var values = converted.ToArray<double>();
        _actions.Add(() => set(values));
    }

    /// <summary>A tensor of a parameter's shape; a copy is handed over.</summary>
    public void Copy(string key, Parameter parameter, Action<Tensor?> set, bool isOptional)
    {
        if (Find(key, isOptional) is not { } tensor)
        {
            _actions.Add(() => set(null));
            return;
        }
        if (!tensor.Shape.SequenceEqual(parameter.Shape))
        {
            _mismatches.Add($"{key}: expected {parameter.Value.ShapeText}, got {tensor.ShapeText}");
            return;
        }
        _actions.Add(() =>
        {
            using var noGrad = Autograd.NoGrad();
            using var converted = tensor.Detach().To(MasterWeights.StateType(parameter));
            set(converted.Clone());
        });
    }

    public void Run(string optimizer)
    {
        var unexpected = state.Keys.Where(key => !_known.Contains(key)).ToList();
        if (_missing.Count > 0 || _mismatches.Count > 0 || unexpected.Count > 0)
            throw new StateDictException(optimizer, _missing, unexpected, _mismatches);
        foreach (var action in _actions)
            action();
    }

    private Tensor? Find(string key, bool isOptional)
    {
        _known.Add(key);
        if (state.TryGetValue(key, out var tensor))
            return tensor;
        if (!isOptional)
            _missing.Add(key);
        return null;
    }
}
