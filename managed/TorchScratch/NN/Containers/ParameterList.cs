// Parameters kept together without an order of computation.

using System.Collections;

namespace TorchScratch.NN;

/// <summary>A list of parameters, named "0", "1", ...; who holds it uses them.</summary>
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

    /// <summary>The parameter at a position.</summary>
    public Parameter this[int index] => _parameters[index];

    /// <summary>Appends a parameter.</summary>
    public void Add(Parameter parameter) => _parameters.Add(RegisterParameter($"{_parameters.Count}", parameter));

    /// <inheritdoc/>
    public IEnumerator<Parameter> GetEnumerator() => _parameters.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();
}
