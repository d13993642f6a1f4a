// Parameters averaged over steps: Polyak and Juditsky (1992), with exponential weights.

namespace TorchScratch.NN;

/// <summary>
/// Maintains average = decay average + (1 - decay) value for each parameter of a model. The averages often generalize
/// better than the latest values. Buffers are not averaged.
/// </summary>
public sealed class ExponentialMovingAverage : IDisposable
{
    private readonly (string Name, Parameter Parameter)[] _parameters;
    private readonly Tensor[] _averages;

    /// <summary>Averages that start at the current values.</summary>
    /// <param name="model">The model.</param>
    /// <param name="decay">The decay, in [0, 1): about 1 - 1 / (number of steps to average over).</param>
    public ExponentialMovingAverage(Module model, double decay = 0.999)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (decay is not (>= 0 and < 1))
            throw new ArgumentOutOfRangeException(nameof(decay), decay, "the decay must be in [0, 1)");
        Decay = decay;
        _parameters = [.. model.NamedParameters()];
        using var noGrad = Autograd.NoGrad();
        _averages = Array.ConvertAll(_parameters, entry => Parameter.OutOfScopes(entry.Parameter.Value.Clone()));
    }

    /// <summary>The weight of the previous average in each update.</summary>
    public double Decay { get; }

    /// <summary>Updates the averages with the current values; call it after each step of the optimizer.</summary>
    public void Update()
    {
        using var noGrad = Autograd.NoGrad();
        for (var i = 0; i < _averages.Length; i++)
        {
            var value = _parameters[i].Parameter.Value;
            Follow(i, value);
            _averages[i].Lerp_(value, 1 - Decay);
        }
    }

    /// <summary>Swaps the averages into the model, as for an evaluation, until the result is disposed.</summary>
    public IDisposable Use()
    {
        Swap();
        return new SwapScope(this);
    }

    /// <summary>Copies the averages into the model permanently.</summary>
    public void CopyToModel()
    {
        using var noGrad = Autograd.NoGrad();
        for (var i = 0; i < _averages.Length; i++)
            _parameters[i].Parameter.Value.Copy_(_averages[i]);
    }

    /// <summary>The averages by the names of their parameters. The tensors share memory with this object.</summary>
    public IReadOnlyDictionary<string, Tensor> StateDict()
    {
        var state = new OrderedDictionary<string, Tensor>();
        for (var i = 0; i < _averages.Length; i++)
            state.Add(_parameters[i].Name, _averages[i].Detach());
        return state;
    }

    /// <summary>Copies averages from a state. If something does not fit, nothing changes.</summary>
    /// <exception cref="StateDictException">Names or shapes do not fit; the message lists all of them.</exception>
    public void LoadStateDict(IReadOnlyDictionary<string, Tensor> state)
    {
        ArgumentNullException.ThrowIfNull(state);
        string[] names = Array.ConvertAll(_parameters, entry => entry.Name);
        string[] missing = Array.FindAll(names, name => !state.ContainsKey(name));
        string[] mismatches = [.. names.Zip(_averages)
            .Where(entry => state.TryGetValue(entry.First, out var tensor) &&
                tensor?.Shape.SequenceEqual(entry.Second.Shape) != true)
            .Select(entry => $"{entry.First}: expected {entry.Second.ShapeText}, got " +
                (state[entry.First]?.ShapeText ?? "null"))];
        string[] unexpected = [.. state.Keys.Except(names)];
        if (missing.Length + mismatches.Length + unexpected.Length > 0)
            throw new StateDictException(nameof(ExponentialMovingAverage), missing, unexpected, mismatches);
        using var noGrad = Autograd.NoGrad();
        for (var i = 0; i < names.Length; i++)
            _averages[i].Copy_(state[names[i]]);
    }

    /// <summary>Frees the averages.</summary>
    public void Dispose()
    {
        foreach (var average in _averages)
            average.Dispose();
    }

    private void Swap()
    {
        using var noGrad = Autograd.NoGrad();
        for (var i = 0; i < _averages.Length; i++)
        {
            using var value = _parameters[i].Parameter.Value.Clone();
            Follow(i, value);
            _parameters[i].Parameter.Value.Copy_(_averages[i]);
            _averages[i].Copy_(value);
        }
    }

    // A parameter that was moved to another device takes its average along.
    private void Follow(int i, Tensor value)
    {
        if (_averages[i].Device == value.Device)
            return;
        using var former = _averages[i];
        _averages[i] = Parameter.OutOfScopes(former.To(value.Device));
    }

    private sealed class SwapScope(ExponentialMovingAverage averages) : IDisposable
    {
        private ExponentialMovingAverage? _averages = averages;

        public void Dispose() => Interlocked.Exchange(ref _averages, null)?.Swap();
    }
}
