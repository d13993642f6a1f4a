// A list of parameters.

using System.Collections;

namespace TorchScratch.NN;

/// <summary>
/// A list of parameters named "0", "1", .... It registers them; the module that contains the list uses them.
/// </summary>
public sealed class ParameterList : Module, IReadOnlyList<Parameter>
{
    private readonly List<Parameter> _parameters = [];

    /// <summary>The parameters.</summary>
    public ParameterList(params IEnumerable<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        foreach (var parameter in parameters)
            Add(parameter);
    }

    /// <summary>The number of parameters.</summary>
    public int Count => _parameters.Count;

    /// <summary>The parameter at an index.</summary>
    public Parameter this[int index] => _parameters[index];

    /// <summary>Appends a parameter.</summary>
    public void Add(Parameter parameter) => _parameters.Add(RegisterParameter($"{_parameters.Count}", parameter));

    /// <inheritdoc/>
    public IEnumerator<Parameter> GetEnumerator() => _parameters.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
