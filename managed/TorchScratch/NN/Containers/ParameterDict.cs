// Parameters by name.

using System.Collections;
using System.Diagnostics.CodeAnalysis;

namespace TorchScratch.NN;

/// <summary>Parameters by name. It registers them; the module that contains the dictionary uses them.</summary>
[SuppressMessage("Naming", "CA1710:Identifiers should have correct suffix", Justification = "PyTorch's name.")]
public sealed class ParameterDict : Module, IReadOnlyDictionary<string, Parameter>
{
    private readonly OrderedDictionary<string, Parameter> _parameters = [];

    /// <summary>The parameters.</summary>
    public ParameterDict(params IEnumerable<KeyValuePair<string, Parameter>> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        foreach (var (name, parameter) in parameters)
            Add(name, parameter);
    }

    /// <inheritdoc/>
    public int Count => _parameters.Count;

    /// <inheritdoc/>
    public IEnumerable<string> Keys => _parameters.Keys;

    /// <inheritdoc/>
    public IEnumerable<Parameter> Values => _parameters.Values;

    /// <inheritdoc/>
    public Parameter this[string key] => _parameters[key];

    /// <summary>Adds a parameter under a name.</summary>
    public void Add(string name, Parameter parameter) => _parameters.Add(name, RegisterParameter(name, parameter));

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _parameters.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out Parameter value) =>
        _parameters.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, Parameter>> GetEnumerator() => _parameters.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
