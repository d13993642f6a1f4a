// Adagrad.

using TorchScratch.Interop;
using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>Parameters with the options of <see cref="Adagrad"/>.</summary>
public sealed class AdagradGroup : ParameterGroup
{
    /// <summary>A group with the options' default values.</summary>
    public AdagradGroup(IEnumerable<Tensor> parameters) : base(parameters)
    {
        LearningRate = 0.01;
        State = new(this, new SlotKind("sum", InitialValue: () => InitialAccumulatorValue));
    }

    /// <summary>How fast the learning rate falls with the number of steps.</summary>
    public double LearningRateDecay { get; set => field = NotNegative(value); }

    /// <summary>Sum of squares that a parameter begins with.</summary>
    public double InitialAccumulatorValue { get; set => field = NotNegative(value); }

    /// <summary>Added to the root before dividing by it.</summary>
    public double Epsilon { get; set => field = NotNegative(value); } = 1e-10;

    /// <inheritdoc/>
    protected override IEnumerable<GroupOption> Options => base.Options.Concat(
    [
        new("lr_decay", () => LearningRateDecay, value => LearningRateDecay = value),
        new("initial_accumulator_value", () => InitialAccumulatorValue, value => InitialAccumulatorValue = value),
        new("eps", () => Epsilon, value => Epsilon = value),
    ]);
}

/// <summary>
/// Adagrad (Duchi, Hazan, Singer 2011): s += g^2; p -= lr / (1 + (t - 1) lr_decay) g / (sqrt(s) + eps).
/// </summary>
public sealed unsafe class Adagrad : Optimizer
{
    /// <summary>An optimizer of one group.</summary>
    /// <param name="parameters">What to train.</param>
    /// <param name="learningRate">Size of a step.</param>
    /// <param name="learningRateDecay">How fast the learning rate falls with the number of steps.</param>
    /// <param name="weightDecay">Pull towards zero, added to the gradient.</param>
    /// <param name="initialAccumulatorValue">Sum of squares that a parameter begins with.</param>
    /// <param name="epsilon">Added to the root before dividing by it.</param>
    /// <param name="maximize">Whether to go up instead of down.</param>
    /// <exception cref="ArgumentException">
    /// There is no parameter, one comes twice, or an option is out of its range.
    /// </exception>
    public Adagrad(IEnumerable<Tensor> parameters, double learningRate = 0.01, double learningRateDecay = 0,
        double weightDecay = 0, double initialAccumulatorValue = 0, double epsilon = 1e-10, bool maximize = false)
        : this(new AdagradGroup(parameters)
        {
            LearningRate = learningRate,
            LearningRateDecay = learningRateDecay,
            WeightDecay = weightDecay,
            InitialAccumulatorValue = initialAccumulatorValue,
            Epsilon = epsilon,
            Maximize = maximize,
        })
    {
    }

    /// <summary>An optimizer of several groups.</summary>
    /// <exception cref="ArgumentException">A parameter is in more than one group.</exception>
    public Adagrad(params IEnumerable<AdagradGroup> groups) : base(groups)
    {
    }

    private protected override void Update(ParameterGroup group)
    {
        var options = (AdagradGroup)group;
        var (state, n) = (group.State, group.State.Count);
        state.EnsureSlots();
        Status.Check(Native.ts_adagrad_step(
            state.Parameters.Pointer, n, state.Gradients.Pointer, n,
            state.Slots[0].Handles.Pointer, n,
            state.Steps.Pointer, n,
            options.LearningRate, options.LearningRateDecay, options.WeightDecay, options.Epsilon,
            Marshalling.Code(options.Maximize)));
    }
}
