// NAdam: Adam with Nesterov's momentum.

using TorchScratch.Interop;
using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>Parameters with the options of <see cref="NAdam"/>.</summary>
public sealed class NAdamGroup : MomentsGroup
{
    /// <summary>A group with the options' default values.</summary>
    public NAdamGroup(IEnumerable<Tensor> parameters) : base(parameters)
    {
        LearningRate = 2e-3;
        var products = new PinnedArray<double>(Parameters.Count);
        products.Fill(1);
        State = new(this, new("exp_avg"), new("exp_avg_sq")) { Numbers = ("mu_product", 1, products) };
    }

    /// <summary>How fast the momentum approaches beta1.</summary>
    public double MomentumDecay { get; set => field = NotNegative(value); } = 4e-3;

    /// <inheritdoc/>
    protected override IEnumerable<GroupOption> Options => base.Options.Concat(
    [
        new("momentum_decay", () => MomentumDecay, value => MomentumDecay = value),
    ]);
}

/// <summary>
/// NAdam (Dozat 2016): Adam whose step looks ahead along the mean, with mu_t = beta1 (1 - 0.96^(t momentum_decay) / 2)
/// as momentum of step t.
/// </summary>
public sealed unsafe class NAdam : Optimizer
{
    /// <summary>An optimizer of one group.</summary>
    /// <param name="parameters">What to train.</param>
    /// <param name="learningRate">Size of a step.</param>
    /// <param name="beta1">Decay of the mean of gradients, in [0, 1).</param>
    /// <param name="beta2">Decay of the mean of squared gradients, in [0, 1).</param>
    /// <param name="epsilon">Added to the root before dividing by it.</param>
    /// <param name="weightDecay">Pull towards zero, added to the gradient.</param>
    /// <param name="momentumDecay">How fast the momentum approaches beta1.</param>
    /// <param name="maximize">Whether to go up instead of down.</param>
    /// <exception cref="ArgumentException">
    /// There is no parameter, one comes twice, or an option is out of its range.
    /// </exception>
    public NAdam(IEnumerable<Tensor> parameters, double learningRate = 2e-3, double beta1 = 0.9,
        double beta2 = 0.999, double epsilon = 1e-8, double weightDecay = 0, double momentumDecay = 4e-3,
        bool maximize = false)
        : this(new NAdamGroup(parameters)
        {
            LearningRate = learningRate,
            Beta1 = beta1,
            Beta2 = beta2,
            Epsilon = epsilon,
            WeightDecay = weightDecay,
            MomentumDecay = momentumDecay,
            Maximize = maximize,
        })
    {
    }

    /// <summary>An optimizer of several groups.</summary>
    /// <exception cref="ArgumentException">A parameter is in more than one group.</exception>
    public NAdam(params IEnumerable<NAdamGroup> groups) : base(groups)
    {
    }

    private protected override void Update(ParameterGroup group)
    {
        var options = (NAdamGroup)group;
        var (state, n) = (group.State, group.State.Count);
        state.EnsureSlots();
        Status.Check(Native.ts_nadam_step(
            state.Parameters.Pointer, n, state.Gradients.Pointer, n,
            state.Slots[0].Handles.Pointer, n,
            state.Slots[1].Handles.Pointer, n,
            state.Steps.Pointer, n, state.Numbers!.Value.Values.Pointer, n,
            options.LearningRate, options.Beta1, options.Beta2, options.Epsilon, options.WeightDecay,
            options.MomentumDecay, Marshalling.Code(options.Maximize)));
    }
}
