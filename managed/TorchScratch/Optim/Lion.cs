// Lion: the sign of the momentum.

using TorchScratch.Interop;
using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>Parameters with the options of <see cref="Lion"/>.</summary>
public sealed class LionGroup : ParameterGroup
{
    /// <summary>A group with the options' default values.</summary>
    public LionGroup(IEnumerable<Tensor> parameters) : base(parameters)
    {
        LearningRate = 1e-4;
        State = new(this, new SlotKind("exp_avg"));
    }

    /// <summary>Decay of the mean of gradients, in [0, 1).</summary>
    public double Beta1 { get; set => field = Decay(value); } = 0.9;

    /// <summary>Decay of the mean that is kept, in [0, 1).</summary>
    public double Beta2 { get; set => field = Decay(value); } = 0.99;

    internal override double? CycledMomentum
    {
        get => Beta1;
        set => Beta1 = value!.Value;
    }

    /// <inheritdoc/>
    protected override IEnumerable<GroupOption> Options => base.Options.Concat(
    [
        new("betas.0", () => Beta1, value => Beta1 = value),
        new("betas.1", () => Beta2, value => Beta2 = value),
    ]);
}

/// <summary>
/// Lion (Chen et al. 2023): p *= 1 - lr weight_decay; p -= lr sign(beta1 m + (1 - beta1) g); m = beta2 m + (1 - beta2)
/// g. Its steps are as large in every element, so learning rates are some ten times smaller than Adam's.
/// </summary>
public sealed unsafe class Lion : Optimizer
{
    /// <summary>An optimizer of one group.</summary>
    /// <param name="parameters">What to train.</param>
    /// <param name="learningRate">Size of a step.</param>
    /// <param name="beta1">Decay of the mean of gradients, in [0, 1).</param>
    /// <param name="beta2">Decay of the mean that is kept, in [0, 1).</param>
    /// <param name="weightDecay">Pull towards zero, on the parameter itself.</param>
    /// <param name="maximize">Whether to go up instead of down.</param>
    /// <exception cref="ArgumentException">
    /// There is no parameter, one comes twice, or an option is out of its range.
    /// </exception>
    public Lion(IEnumerable<Tensor> parameters, double learningRate = 1e-4, double beta1 = 0.9,
        double beta2 = 0.99, double weightDecay = 0, bool maximize = false)
        : this(new LionGroup(parameters)
        {
            LearningRate = learningRate,
            Beta1 = beta1,
            Beta2 = beta2,
            WeightDecay = weightDecay,
            Maximize = maximize,
        })
    {
    }

    /// <summary>An optimizer of several groups.</summary>
    /// <exception cref="ArgumentException">A parameter is in more than one group.</exception>
    public Lion(params IEnumerable<LionGroup> groups) : base(groups)
    {
    }

    private protected override void Update(ParameterGroup group)
    {
        var options = (LionGroup)group;
        var (state, n) = (group.State, group.State.Count);
        state.EnsureSlots();
        Status.Check(Native.ts_lion_step(
            state.Parameters.Pointer, n, state.Gradients.Pointer, n,
            state.Slots[0].Handles.Pointer, n,
            state.Steps.Pointer, n,
            options.LearningRate, options.Beta1, options.Beta2, options.WeightDecay,
            Marshalling.Code(options.Maximize)));
    }
}
