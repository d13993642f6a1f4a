// Parameters that an optimizer treats alike.

using System.Runtime.CompilerServices;
using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>One option of a group as a number.</summary>
/// <param name="Name">PyTorch's name; an element of a tuple has its index behind a dot.</param>
/// <param name="Get">Reads it.</param>
/// <param name="Set">Changes it.</param>
/// <param name="IsFlag">Whether it stands for a bool: 0 or 1.</param>
public sealed record GroupOption(string Name, Func<double> Get, Action<double> Set, bool IsFlag = false)
{
    /// <summary>An option that is a bool.</summary>
    public static GroupOption Flag(string name, Func<bool> get, Action<bool> set)
    {
        ArgumentNullException.ThrowIfNull(get);
        ArgumentNullException.ThrowIfNull(set);
        return new(name, () => get() ? 1 : 0, value => set(value != 0), IsFlag: true);
    }
}

/// <summary>
/// Some parameters with the options they are trained with. Options may be changed between steps; the optimizers of
/// the library have group types of their own.
/// </summary>
public class ParameterGroup
{
    private readonly Parameter[] _parameters;

    /// <summary>A group of parameters of a module, or of any leaf tensors.</summary>
    /// <exception cref="ArgumentException">There is no parameter, or one comes twice.</exception>
    public ParameterGroup(params IEnumerable<Tensor> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        _parameters = [.. parameters.Select(AsParameter)];
        if (_parameters.Length == 0)
            throw new ArgumentException("an optimizer needs at least one parameter, but these are none. If " +
                "they are those of a module, it has registered nothing: declare its class as partial, so that its " +
                "fields are registered, or call RegisterModule and RegisterParameter", nameof(parameters));
        // A tensor that came twice is two parameters by now.
        var seen = new HashSet<nint>();
        for (var i = 0; i < _parameters.Length; i++)
        {
            if (!seen.Add(_parameters[i].Identity))
                throw new ArgumentException($"parameter {i} is in the group twice", nameof(parameters));
        }
        State = new GroupState(this) { KeepsOwn = true };
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

    /// <summary>
    /// All options as numbers, under PyTorch's names, for a checkpoint; a derived class appends its own.
    /// </summary>
    protected virtual IEnumerable<GroupOption> Options =>
    [
        new("lr", () => LearningRate, value => LearningRate = value),
        new("weight_decay", () => WeightDecay, value => WeightDecay = value),
        GroupOption.Flag("maximize", () => Maximize, value => Maximize = value),
    ];

    internal IEnumerable<GroupOption> AllOptions => Options;

    /// <summary>Whether the next step of a parameter ignores the steps before.</summary>
    internal virtual bool StartsAfresh(int parameter) => false;

    /// <summary>Throws when options contradict each other.</summary>
    internal virtual void Validate()
    {
    }

    // A tensor that is no parameter of a module is trained as it is: the two share data and gradient.
    private static Parameter AsParameter(Tensor tensor, int i)
    {
        ArgumentNullException.ThrowIfNull(tensor, $"parameters[{i}]");
        return tensor as Parameter ?? new Parameter(tensor, tensor.RequiresGrad);
    }

    /// <summary>The value.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is negative or NaN.</exception>
    protected static double NotNegative(double value, [CallerMemberName] string? name = null) =>
        value >= 0 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} is not negative, got {value}");

    private protected static double Decay(double value, [CallerMemberName] string? name = null) =>
        value is >= 0 and < 1
            ? value
            : throw new ArgumentOutOfRangeException(name, value, $"{name} lies in [0, 1), got {value}");
}
