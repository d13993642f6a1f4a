// Adam and its form with decoupled weight decay.

using TorchScratch.Interop;
using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>Parameters with the options of <see cref="Adam"/> and <see cref="AdamW"/>.</summary>
public sealed class AdamGroup : MomentsGroup
{
    /// <summary>A group with the options' default values.</summary>
    public AdamGroup(IEnumerable<Tensor> parameters) : base(parameters) =>
        State = new(this, new("exp_avg"), new("exp_avg_sq"), new("max_exp_avg_sq", () => AmsGrad));

    /// <summary>Whether to divide by the largest mean of squares so far: Reddi, Kale, Kumar (2018).</summary>
    public bool AmsGrad { get; set; }

    /// <inheritdoc/>
    protected override IEnumerable<GroupOption> Options => base.Options.Concat(
    [
        GroupOption.Flag("amsgrad", () => AmsGrad, value => AmsGrad = value),
    ]);
}

/// <summary>
/// Adam (Kingma and Ba 2015): m = beta1 m + (1 - beta1) g; v = beta2 v + (1 - beta2) g^2; p -= lr m' / (sqrt(v') +
/// eps), where m' = m / (1 - beta1^t) and v' = v / (1 - beta2^t). Weight decay is added to the gradient.
/// </summary>
public unsafe class Adam : Optimizer
{
    /// <summary>An optimizer of one group.</summary>
    /// <param name="parameters">What to train.</param>
    /// <param name="learningRate">Size of a step.</param>
    /// <param name="beta1">Decay of the mean of gradients, in [0, 1).</param>
    /// <param name="beta2">Decay of the mean of squared gradients, in [0, 1).</param>
    /// <param name="epsilon">Added to the root before dividing by it.</param>
    /// <param name="weightDecay">Pull towards zero.</param>
    /// <param name="amsGrad">Whether to divide by the largest mean of squares so far.</param>
    /// <param name="maximize">Whether to go up instead of down.</param>
    /// <exception cref="ArgumentException">
    /// There is no parameter, one comes twice, or an option is out of its range.
    /// </exception>
    public Adam(IEnumerable<Tensor> parameters, double learningRate = 1e-3, double beta1 = 0.9, double beta2 = 0.999,
        double epsilon = 1e-8, double weightDecay = 0, bool amsGrad = false, bool maximize = false)
        : this(new AdamGroup(parameters)
        {
            LearningRate = learningRate,
            Beta1 = beta1,
            Beta2 = beta2,
            Epsilon = epsilon,
            WeightDecay = weightDecay,
            AmsGrad = amsGrad,
            Maximize = maximize,
        })
    {
    }

    /// <summary>An optimizer of several groups.</summary>
    /// <exception cref="ArgumentException">A parameter is in more than one group.</exception>
    public Adam(params IEnumerable<AdamGroup> groups) : base(groups)
    {
    }

    /// <summary>Whether weight decay acts on the parameter itself rather than through the gradient.</summary>
    private protected virtual bool IsDecoupled => false;

    private protected override void Update(ParameterGroup group)
    {
        var options = (AdamGroup)group;
        var (state, n) = (group.State, group.State.Count);
        state.EnsureSlots();
        Status.Check(Native.ts_adam_step(
            state.Parameters.Pointer, n, state.Gradients.Pointer, n,
            state.Slots[0].Handles.Pointer, n,
            state.Slots[1].Handles.Pointer, n,
            state.Slots[2].Handles.Pointer, n,
            state.Steps.Pointer, n,
            options.LearningRate, options.Beta1, options.Beta2, options.Epsilon, options.WeightDecay,
            Marshalling.Code(options.AmsGrad), Marshalling.Code(IsDecoupled), Marshalling.Code(options.Maximize)));
    }
}

/// <summary>
/// Adam with decoupled weight decay (Loshchilov and Hutter 2019): p -= lr weight_decay p, then Adam's step without it.
/// </summary>
public sealed class AdamW : Adam
{
    /// <inheritdoc cref="Adam(IEnumerable{Tensor}, double, double, double, double, double, bool, bool)"/>
    public AdamW(IEnumerable<Tensor> parameters, double learningRate = 1e-3, double beta1 = 0.9,
        double beta2 = 0.999,
        double epsilon = 1e-8, double weightDecay = 1e-2, bool amsGrad = false, bool maximize = false)
        : base(parameters, learningRate, beta1, beta2, epsilon, weightDecay, amsGrad, maximize)
    {
    }

    /// <inheritdoc cref="Adam(IEnumerable{AdamGroup})"/>
    public AdamW(params IEnumerable<AdamGroup> groups) : base(groups)
    {
    }

    private protected override bool IsDecoupled => true;
}
