// RMSprop.

using TorchScratch.Interop;
using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>Parameters with the options of <see cref="RMSprop"/>.</summary>
public sealed class RMSpropGroup : ParameterGroup
{
    /// <summary>A group with the options' default values.</summary>
    public RMSpropGroup(IEnumerable<Tensor> parameters) : base(parameters)
    {
        LearningRate = 0.01;
        State = new(this, new("square_avg"), new("grad_avg", () => Centered),
            new("momentum_buffer", () => Momentum != 0));
    }

    /// <summary>Decay of the mean of squared gradients, in [0, 1).</summary>
    public double Alpha { get; set => field = Decay(value); } = 0.99;

    /// <summary>Added to the root before dividing by it.</summary>
    public double Epsilon { get; set => field = NotNegative(value); } = 1e-8;

    /// <summary>Share of the last step that goes on; 0 for none.</summary>
    public double Momentum { get; set => field = NotNegative(value); }

    /// <summary>Whether to divide by an estimate of the deviation instead of the root of the mean square.</summary>
    public bool Centered { get; set; }

    internal override double? CycledMomentum
    {
        get => Momentum;
        set => Momentum = value!.Value;
    }

    /// <inheritdoc/>
    protected override IEnumerable<GroupOption> Options => base.Options.Concat(
    [
        new("alpha", () => Alpha, value => Alpha = value),
        new("eps", () => Epsilon, value => Epsilon = value),
        new("momentum", () => Momentum, value => Momentum = value),
        GroupOption.Flag("centered", () => Centered, value => Centered = value),
    ]);
}

/// <summary>
/// RMSprop (Hinton 2012): s = alpha s + (1 - alpha) g^2; d = g / (sqrt(s) + eps); p -= lr d, or with momentum b =
/// momentum b + d; p -= lr b. Centered (Graves 2013), s less the square of the mean gradient takes the place of s.
/// </summary>
public sealed unsafe class RMSprop : Optimizer
{
    /// <summary>An optimizer of one group.</summary>
    /// <param name="parameters">What to train.</param>
    /// <param name="learningRate">Size of a step.</param>
    /// <param name="alpha">Decay of the mean of squared gradients, in [0, 1).</param>
    /// <param name="epsilon">Added to the root before dividing by it.</param>
    /// <param name="weightDecay">Pull towards zero, added to the gradient.</param>
    /// <param name="momentum">Share of the last step that goes on; 0 for none.</param>
    /// <param name="centered">
    /// Whether to divide by an estimate of the deviation instead of the root of the mean square.
    /// </param>
    /// <param name="maximize">Whether to go up instead of down.</param>
    /// <exception cref="ArgumentException">
    /// There is no parameter, one comes twice, or an option is out of its range.
    /// </exception>
    public RMSprop(IEnumerable<Tensor> parameters, double learningRate = 0.01, double alpha = 0.99,
        double epsilon = 1e-8, double weightDecay = 0, double momentum = 0, bool centered = false,
        bool maximize = false)
        : this(new RMSpropGroup(parameters)
        {
            LearningRate = learningRate,
            Alpha = alpha,
            Epsilon = epsilon,
            WeightDecay = weightDecay,
            Momentum = momentum,
            Centered = centered,
            Maximize = maximize,
        })
    {
    }

    /// <summary>An optimizer of several groups.</summary>
    /// <exception cref="ArgumentException">A parameter is in more than one group.</exception>
    public RMSprop(params IEnumerable<RMSpropGroup> groups) : base(groups)
    {
    }

    private protected override void Update(ParameterGroup group)
    {
        var options = (RMSpropGroup)group;
        var (state, n) = (group.State, group.State.Count);
        state.EnsureSlots();
        Status.Check(Native.ts_rmsprop_step(
            state.Parameters.Pointer, n, state.Gradients.Pointer, n,
            state.Slots[0].Handles.Pointer, n,
            state.Slots[1].Handles.Pointer, n,
            state.Slots[2].Handles.Pointer, n,
            state.Steps.Pointer, n,
            options.LearningRate, options.Alpha, options.Epsilon, options.WeightDecay, options.Momentum,
            Marshalling.Code(options.Centered), Marshalling.Code(options.Maximize)));
    }
}
