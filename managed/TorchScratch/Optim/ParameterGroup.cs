// Parameters that an optimizer treats alike.

using System.Runtime.CompilerServices;
using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>
/// Some parameters with the options they are trained with. Options may be changed between steps; each optimizer has a
/// group type of its own.
/// </summary>
public abstract class ParameterGroup
{
    private readonly Parameter[] _parameters;

    private protected ParameterGroup(IEnumerable<Parameter> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        _parameters = [.. parameters];
        if (_parameters.Length == 0)
            throw new ArgumentException("an optimizer needs at least one parameter", nameof(parameters));
        var seen = new HashSet<Parameter>(ReferenceEqualityComparer.Instance);
        for (var i = 0; i < _parameters.Length; i++)
        {
            ArgumentNullException.ThrowIfNull(_parameters[i], $"{nameof(parameters)}[{i}]");
            if (!seen.Add(_parameters[i]))
                throw new ArgumentException($"parameter {i} is in the group twice", nameof(parameters));
        }
    }

    /// <summary>The parameters.</summary>
    public IReadOnlyList<Parameter> Parameters => _parameters;

    /// <summary>Size of a step; not negative.</summary>
    public double LearningRate { get; set => field = NotNegative(value); } = 1e-3;

    /// <summary>Pull towards zero; not negative.</summary>
    public double WeightDecay { get; set => field = NotNegative(value); }

    /// <summary>Whether to go up the gradient instead of down.</summary>
    public bool Maximize { get; set; }

    /// <summary>What the optimizer remembers of each parameter.</summary>
    internal GroupState State { get; private protected init; } = null!;

    /// <summary>All options as numbers, under PyTorch's names, for a checkpoint.</summary>
    internal virtual IEnumerable<(string Name, double Value)> Options =>
        [("lr", LearningRate), ("weight_decay", WeightDecay), ("maximize", Maximize ? 1 : 0)];

    /// <summary>Sets an option from a checkpoint.</summary>
    internal virtual void SetOption(string name, double value)
    {
        switch (name)
        {
            case "lr":
                LearningRate = value;
                break;
            case "weight_decay":
                WeightDecay = value;
                break;
            case "maximize":
                Maximize = value != 0;
                break;
        }
    }

    /// <summary>Throws when options contradict each other.</summary>
    internal virtual void Validate()
    {
    }

    private protected static double NotNegative(double value, [CallerMemberName] string? name = null) =>
        value >= 0 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is not negative, got {value}");
}
