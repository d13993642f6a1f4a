// RAdam: Adam with a rectified learning rate.

using TorchScratch.Interop;
using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>Parameters with the options of <see cref="RAdam"/>.</summary>
public sealed class RAdamGroup : MomentsGroup
{
    /// <summary>A group with the options' default values.</summary>
    public RAdamGroup(IEnumerable<Tensor> parameters) : base(parameters)
    {
        State = new(this, new("exp_avg"), new("exp_avg_sq"));
    }
}

/// <summary>
/// RAdam (Liu et al. 2020): Adam times a rectification of the variance of its divisor; while that variance is not
/// tractable, momentum without a divisor.
/// </summary>
public sealed unsafe class RAdam : Optimizer
{
    /// <summary>An optimizer of one group.</summary>
    /// <param name="parameters">What to train.</param>
    /// <param name="learningRate">Size of a step.</param>
    /// <param name="beta1">Decay of the mean of gradients, in [0, 1).</param>
    /// <param name="beta2">Decay of the mean of squared gradients, in [0, 1).</param>
    /// <param name="epsilon">Added to the root before dividing by it.</param>
    /// <param name="weightDecay">Pull towards zero, added to the gradient.</param>
    /// <param name="maximize">Whether to go up instead of down.</param>
    /// <exception cref="ArgumentException">
    /// There is no parameter, one comes twice, or an option is out of its range.
    /// </exception>
    public RAdam(IEnumerable<Tensor> parameters, double learningRate = 1e-3, double beta1 = 0.9,
        double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, bool maximize = false)
        : this(new RAdamGroup(parameters)
        {
            LearningRate = learningRate,
            Beta1 = beta1,
            Beta2 = beta2,
            Epsilon = epsilon,
            WeightDecay = weightDecay,
            Maximize = maximize,
        })
    {
    }

    /// <summary>An optimizer of several groups.</summary>
    /// <exception cref="ArgumentException">A parameter is in more than one group.</exception>
    public RAdam(params IEnumerable<RAdamGroup> groups) : base(groups)
    {
    }

    private protected override void Update(ParameterGroup group)
    {
        var options = (RAdamGroup)group;
        var (state, n) = (group.State, group.State.Count);
        state.EnsureSlots();
        Status.Check(Native.ts_radam_step(
            state.Parameters.Pointer, n, state.Gradients.Pointer, n,
            state.Slots[0].Handles.Pointer, n,
            state.Slots[1].Handles.Pointer, n,
            state.Steps.Pointer, n,
            options.LearningRate, options.Beta1, options.Beta2, options.Epsilon, options.WeightDecay,
            Marshalling.Code(options.Maximize)));
    }
}
