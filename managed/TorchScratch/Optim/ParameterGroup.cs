// Parameters that an optimizer treats alike.

using System.Runtime.CompilerServices;
using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>One option of a group as a number.</summary>
/// <param name="Name">PyTorch's name; an element of a tuple has its index behind a dot.</param>
/// <param name="Get">Reads it.</param>
/// <param name="Set">Changes it.</param>
/// <param name="IsFlag">Whether it stands for a bool: 0 or 1.</param>
internal sealed record GroupOption(string Name, Func<double> Get, Action<double> Set, bool IsFlag = false)
{
    /// <summary>An option that is a bool.</summary>
    public static GroupOption Flag(string name, Func<bool> get, Action<bool> set) =>
        new(name, () => get() ? 1 : 0, value => set(value != 0), IsFlag: true);
}

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
            throw new ArgumentException("an optimizer needs at least one parameter, but these are none. If " +
                "they are those of a module, it has registered nothing: declare its class as partial, so that its " +
                "fields are registered, or call RegisterModule and RegisterParameter", nameof(parameters));
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

    /// <summary>The learning rate that a scheduler started from; null without a scheduler.</summary>
    internal double? InitialLearningRate { get; set; }

    /// <summary>
    /// What a scheduler that cycles momentum changes: the momentum, or beta1; null if there is no such option.
    /// </summary>
    internal virtual double? CycledMomentum
    {
        get => null;
        set => throw new NotSupportedException($"{GetType().Name} has no momentum");
    }

    /// <summary>All options as numbers, under PyTorch's names, for a checkpoint.</summary>
    internal virtual IEnumerable<GroupOption> Options =>
    [
        new("lr", () => LearningRate, value => LearningRate = value),
        new("weight_decay", () => WeightDecay, value => WeightDecay = value),
        GroupOption.Flag("maximize", () => Maximize, value => Maximize = value),
    ];

    /// <summary>Whether the next step of a parameter ignores the steps before.</summary>
    internal virtual bool StartsAfresh(int parameter) => false;

    /// <summary>Throws when options contradict each other.</summary>
    internal virtual void Validate()
    {
    }

    private protected static double NotNegative(double value, [CallerMemberName] string? name = null) =>
        value >= 0 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is not negative, got {value}");

    private protected static double Decay(double value, [CallerMemberName] string? name = null) =>
        value is >= 0 and < 1
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} lies in [0, 1), got {value}");
}
