// Loading a state in two passes: look at everything first, then change.

using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>
/// Collects what is to be done with a state, and does it only when everything fits. Copies are made while looking, so
/// that what is left to do cannot fail.
/// </summary>
internal sealed class StatePlan(IReadOnlyDictionary<string, Tensor> state)
{
    // Beyond it a double does not hold every integer.
    private const double LargestCount = 1L << 53;

    private readonly List<Action> _actions = [];
    private readonly List<Action> _undo = [];
    private readonly List<Tensor> _copies = [];
    private readonly List<string> _missing = [];
    private readonly List<string> _mismatches = [];
    private readonly HashSet<string> _known = [];

    public bool Contains(string key) => state.ContainsKey(key);

    public void Do(Action action) => _actions.Add(action);

    /// <summary>A number, kept as a 0-d tensor.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="set">Takes it over when everything fits.</param>
    /// <param name="min">The smallest value that makes sense.</param>
    /// <param name="allowInfinite">Whether it may be infinite; it is never NaN.</param>
    public void Read(string key, Action<double> set, double min = double.NegativeInfinity, bool allowInfinite = false)
    {
        if (Number(key) is not { } value)
            return;
        if (double.IsNaN(value) || (double.IsInfinity(value) && !allowInfinite) || value < min)
            Mismatch(key, $"a number{(double.IsFinite(min) ? $" of at least {min}" : "")}", $"{value}");
        else
            _actions.Add(() => set(value));
    }

    /// <summary>A whole number, kept as a 0-d tensor.</summary>
    /// <param name="key">Its name.</param>
    /// <param name="set">Takes it over when everything fits.</param>
    /// <param name="min">The smallest value that makes sense.</param>
    public void ReadCount(string key, Action<long> set, long min = 0)
    {
        if (Number(key) is not { } value)
            return;
        if (!double.IsInteger(value) || value < min || value > LargestCount)
            Mismatch(key, $"a whole number of at least {min}", $"{value}");
        else
            _actions.Add(() => set((long)value));
    }

    /// <summary>
    /// An option. It is set at once, since others may depend on it, and set back when something does not fit.
    /// </summary>
    public void ReadOption(string key, GroupOption option)
    {
        if (Number(key) is not { } value)
            return;
        if (!double.IsFinite(value) || (option.IsFlag && value is not (0 or 1)))
        {
            Mismatch(key, option.IsFlag ? "0 or 1" : "a finite number", $"{value}");
            return;
        }
        var before = option.Get();
        try
        {
            option.Set(value);
            _undo.Add(() => option.Set(before));
        }
        catch (ArgumentException e)
        {
            _mismatches.Add($"{key}: {e.Message}");
        }
    }

    /// <summary>A check of several options together.</summary>
    public void Check(string what, Action check)
    {
        try
        {
            check();
        }
        catch (ArgumentException e)
        {
            _mismatches.Add($"{what}: {e.Message}");
        }
    }

    /// <summary>A vector of finite numbers that are not negative.</summary>
    public void ReadList(string key, int count, Action<double[]> set)
    {
        if (Find(key) is not { } tensor)
            return;
        if (!tensor.Shape.SequenceEqual([count]) || tensor.DType == DType.Bool)
        {
            Mismatch(key, $"{count} numbers", Describe(tensor));
            return;
        }
        using var converted = tensor.Detach().To(DType.Float64);
        var values = converted.ToArray<double>();
        if (Array.Find(values, value => !double.IsFinite(value) || value < 0) is not 0 and var bad)
            Mismatch(key, "numbers that are not negative", $"{bad}");
        else
            _actions.Add(() => set(values));
    }

    /// <summary>The numbers of parameters: a vector of the integers from <paramref name="first"/> on.</summary>
    public void CheckNumbers(string key, int first, int count)
    {
        if (Find(key) is not { } tensor)
            return;
        if (!tensor.Shape.SequenceEqual([count]) || tensor.DType.IsFloatingPoint || tensor.DType == DType.Bool)
        {
            Mismatch(key, $"the numbers of {count} parameters", Describe(tensor));
            return;
        }
        using var converted = tensor.Detach().To(DType.Int64);
        var values = converted.ToArray<long>();
        for (var i = 0; i < count; i++)
        {
            if (values[i] != first + i)
            {
                Mismatch(key, $"parameter {first + i} in place {i}", $"{values[i]}");
                return;
            }
        }
    }

    /// <summary>
    /// A tensor of a parameter's shape; a copy on its device is handed over, or null if there is none.
    /// </summary>
    public void Copy(string key, Parameter parameter, Action<Tensor?> set, bool isOptional)
    {
        if (isOptional && !state.ContainsKey(key))
        {
            _actions.Add(() => set(null));
            return;
        }
        if (Find(key) is not { } tensor)
            return;
        if (!tensor.Shape.SequenceEqual(parameter.Shape) || !tensor.DType.IsFloatingPoint)
        {
            Mismatch(key, $"{parameter.DType.Name} {parameter.Value.ShapeText}", Describe(tensor));
            return;
        }
        using var noGrad = Autograd.NoGrad();
        using var detached = tensor.Detach();
        var (wanted, device) = (MasterWeights.StateType(parameter), parameter.Value.Device);
        var copy = Parameter.OutOfScopes(detached.DType == wanted && detached.Device == device ? detached.Clone()
            : detached.To(device, wanted));
        _copies.Add(copy);
        _actions.Add(() => set(copy));
    }

    /// <summary>Whatever else there is below a prefix; copies are handed over with the rest of the name.</summary>
    public void TakeBelow(string prefix, Action<string, Tensor> set)
    {
        foreach (var (key, tensor) in state)
        {
            if (!key.StartsWith(prefix, StringComparison.Ordinal) || !_known.Add(key))
                continue;
            if (tensor is null)
            {
                Mismatch(key, "a tensor", "null");
                continue;
            }
            using var noGrad = Autograd.NoGrad();
            using var detached = tensor.Detach();
            var copy = Parameter.OutOfScopes(detached.Clone());
            _copies.Add(copy);
            _actions.Add(() => set(key[prefix.Length..], copy));
        }
    }

    /// <summary>Changes everything, or throws and changes nothing.</summary>
    /// <param name="owner">Whose state it is.</param>
    /// <param name="plan">Looks at everything.</param>
    /// <exception cref="StateDictException">Something does not fit.</exception>
    public void Run(string owner, Action<StatePlan> plan)
    {
        try
        {
            plan(this);
            var unexpected = state.Keys.Where(key => !_known.Contains(key)).ToList();
            if (_missing.Count > 0 || _mismatches.Count > 0 || unexpected.Count > 0)
                throw new StateDictException(owner, _missing, unexpected, _mismatches);
        }
        catch
        {
            foreach (var undo in Enumerable.Reverse(_undo))
                undo();
            foreach (var copy in _copies)
                copy.Dispose();
            throw;
        }
        foreach (var action in _actions)
            action();
    }

    private double? Number(string key)
    {
        if (Find(key) is not { } tensor)
            return null;
        if (tensor.NDim != 0)
        {
            Mismatch(key, "one number, a 0-d tensor", Describe(tensor));
            return null;
        }
        using var converted = tensor.Detach().To(DType.Float64);
        return converted.Item<double>();
    }

    private Tensor? Find(string key)
    {
        _known.Add(key);
        if (!state.TryGetValue(key, out var tensor))
            _missing.Add(key);
        else if (tensor is null)
            Mismatch(key, "a tensor", "null");
        return tensor;
    }

    private void Mismatch(string key, string expected, string actual) =>
        _mismatches.Add($"{key}: expected {expected}, got {actual}");

    private static string Describe(Tensor tensor) => $"{tensor.DType.Name} {tensor.ShapeText}";
}
