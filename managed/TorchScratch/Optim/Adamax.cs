// Adamax: Adam with the infinity norm.

using TorchScratch.Interop;
using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>Parameters with the options of <see cref="Adamax"/>.</summary>
public sealed class AdamaxGroup : MomentsGroup
{
    /// <summary>A group with the options' default values.</summary>
    public AdamaxGroup(IEnumerable<Tensor> parameters) : base(parameters)
    {
        LearningRate = 2e-3;
        State = new(this, new("exp_avg"), new("exp_inf"));
    }
}

/// <summary>
/// Adamax (Kingma and Ba 2015, section 7): m = beta1 m + (1 - beta1) g; u = max(beta2 u, |g| + eps);
/// p -= lr / (1 - beta1^t) m / u.
/// </summary>
public sealed unsafe class Adamax : Optimizer
{
    /// <summary>An optimizer of one group.</summary>
    /// <param name="parameters">What to train.</param>
    /// <param name="learningRate">Size of a step.</param>
    /// <param name="beta1">Decay of the mean of gradients, in [0, 1).</param>
    /// <param name="beta2">Decay of the largest gradient, in [0, 1).</param>
    /// <param name="epsilon">Added to the magnitude of a gradient.</param>
    /// <param name="weightDecay">Pull towards zero, added to the gradient.</param>
    /// <param name="maximize">Whether to go up instead of down.</param>
    /// <exception cref="ArgumentException">
    /// There is no parameter, one comes twice, or an option is out of its range.
    /// </exception>
    public Adamax(IEnumerable<Tensor> parameters, double learningRate = 2e-3, double beta1 = 0.9,
        double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, bool maximize = false)
        : this(new AdamaxGroup(parameters)
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
    public Adamax(params IEnumerable<AdamaxGroup> groups) : base(groups)
    {
    }

    private protected override void Update(ParameterGroup group)
    {
        var options = (AdamaxGroup)group;
        var (state, n) = (group.State, group.State.Count);
        state.EnsureSlots();
        Status.Check(Native.ts_adamax_step(
            state.Parameters.Pointer, n, state.Gradients.Pointer, n,
            state.Slots[0].Handles.Pointer, n,
            state.Slots[1].Handles.Pointer, n,
            state.Steps.Pointer, n,
            options.LearningRate, options.Beta1, options.Beta2, options.Epsilon, options.WeightDecay,
            Marshalling.Code(options.Maximize)));
    }
}
