// Stochastic gradient descent.

using System.Globalization;
using TorchScratch.Interop;
using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>Parameters with the options of <see cref="SGD"/>.</summary>
public sealed class SgdGroup : ParameterGroup
{
    /// <summary>A group with the options' default values.</summary>
    public SgdGroup(IEnumerable<Tensor> parameters) : base(parameters) => 
        State = new(this, new SlotKind("momentum_buffer", () => Momentum != 0));

    /// <summary>Share of the last step that goes on; 0 for none.</summary>
    public double Momentum { get; set => field = NotNegative(value); }

    /// <summary>Share of a gradient that does not enter the momentum.</summary>
    public double Dampening { get; set; }

    /// <summary>Whether to look ahead along the momentum; needs momentum, and no dampening.</summary>
    public bool Nesterov { get; set; }

    internal override double? CycledMomentum
    {
        get => Momentum;
        set => Momentum = value!.Value;
    }

    /// <inheritdoc/>
    protected override IEnumerable<GroupOption> Options => base.Options.Concat(
    [
        new("momentum", () => Momentum, value => Momentum = value),
        new("dampening", () => Dampening, value => Dampening = value),
        GroupOption.Flag("nesterov", () => Nesterov, value => Nesterov = value),
    ]);

    // The count begins with the buffer: whenever momentum is switched on, the first gradient enters it whole. Without
    // momentum there is nothing to remember.
    internal override bool StartsAfresh(int parameter) => State.Slots[0].Handles[parameter] == 0;

    internal override void Validate()
    {
        if (Nesterov && (Momentum <= 0 || Dampening != 0))
        {
            throw new ArgumentException(string.Create(CultureInfo.InvariantCulture,
                $"SGD: Nesterov momentum needs a momentum and no dampening, got momentum {Momentum} and dampening {Dampening}"));
        }
    }
}

/// <summary>
/// Stochastic gradient descent with momentum: g += weight_decay p; v = momentum v + (1 - dampening) g, where the first
/// v is g itself; p -= lr v, or lr (g + momentum v) with Nesterov's (Sutskever, Martens, Dahl, Hinton 2013).
/// </summary>
public sealed unsafe class SGD : Optimizer
{
    /// <summary>An optimizer of one group.</summary>
    /// <param name="parameters">What to train.</param>
    /// <param name="learningRate">Size of a step.</param>
    /// <param name="momentum">Share of the last step that goes on.</param>
    /// <param name="dampening">Share of a gradient that does not enter the momentum.</param>
    /// <param name="weightDecay">Pull towards zero, added to the gradient.</param>
    /// <param name="nesterov">Whether to look ahead along the momentum; needs momentum, and no dampening.</param>
    /// <param name="maximize">Whether to go up instead of down.</param>
    /// <exception cref="ArgumentException">
    /// There is no parameter, one comes twice, or an option is out of its range.
    /// </exception>
    public SGD(IEnumerable<Tensor> parameters, double learningRate = 1e-3, double momentum = 0, double dampening = 0,
        double weightDecay = 0, bool nesterov = false, bool maximize = false)
        : this(new SgdGroup(parameters)
        {
            LearningRate = learningRate,
            Momentum = momentum,
            Dampening = dampening,
            WeightDecay = weightDecay,
            Nesterov = nesterov,
            Maximize = maximize,
        })
    {
    }

    /// <summary>An optimizer of several groups.</summary>
    /// <exception cref="ArgumentException">
    /// A parameter is in more than one group, or options contradict each other.
    /// </exception>
    public SGD(params IEnumerable<SgdGroup> groups) : base(groups)
    {
    }

    private protected override void Update(ParameterGroup group)
    {
        var options = (SgdGroup)group;
        options.Validate();
        var (state, n) = (group.State, group.State.Count);
        for (var i = 0; i < n && options.Momentum != 0; i++)
            state.Steps[i] = options.StartsAfresh(i) ? 0 : state.Steps[i];
        state.EnsureSlots();
        Status.Check(Native.ts_sgd_step(
            state.Parameters.Pointer, n, state.Gradients.Pointer, n,
            state.Slots[0].Handles.Pointer, n,
            state.Steps.Pointer, n,
            options.LearningRate, options.Momentum, options.Dampening, options.WeightDecay,
            Marshalling.Code(options.Nesterov), Marshalling.Code(options.Maximize)));
    }
}
