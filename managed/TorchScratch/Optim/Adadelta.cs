// Adadelta.

using TorchScratch.Interop;
using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>Parameters with the options of <see cref="Adadelta"/>.</summary>
public sealed class AdadeltaGroup : ParameterGroup
{
    /// <summary>A group with the options' default values.</summary>
    public AdadeltaGroup(IEnumerable<Tensor> parameters) : base(parameters)
    {
        LearningRate = 1;
        State = new(this, new("square_avg"), new("acc_delta"));
    }

    /// <summary>Decay of both means, in [0, 1).</summary>
    public double Rho { get; set => field = Decay(value); } = 0.9;

    /// <summary>Added under both roots.</summary>
    public double Epsilon { get; set => field = NotNegative(value); } = 1e-6;

    /// <inheritdoc/>
    protected override IEnumerable<GroupOption> Options => base.Options.Concat(
    [
        new("rho", () => Rho, value => Rho = value),
        new("eps", () => Epsilon, value => Epsilon = value),
    ]);
}

/// <summary>
/// Adadelta (Zeiler 2012): s = rho s + (1 - rho) g^2; d = sqrt(a + eps) / sqrt(s + eps) g; a = rho a + (1 - rho) d^2;
/// p -= lr d.
/// </summary>
public sealed unsafe class Adadelta : Optimizer
{
    /// <summary>An optimizer of one group.</summary>
    /// <param name="parameters">What to train.</param>
    /// <param name="learningRate">Size of a step.</param>
    /// <param name="rho">Decay of both means, in [0, 1).</param>
    /// <param name="epsilon">Added under both roots.</param>
    /// <param name="weightDecay">Pull towards zero, added to the gradient.</param>
    /// <param name="maximize">Whether to go up instead of down.</param>
    /// <exception cref="ArgumentException">
    /// There is no parameter, one comes twice, or an option is out of its range.
    /// </exception>
    public Adadelta(IEnumerable<Tensor> parameters, double learningRate = 1, double rho = 0.9,
        double epsilon = 1e-6, double weightDecay = 0, bool maximize = false)
        : this(new AdadeltaGroup(parameters)
        {
            LearningRate = learningRate,
            Rho = rho,
            Epsilon = epsilon,
            WeightDecay = weightDecay,
            Maximize = maximize,
        })
    {
    }

    /// <summary>An optimizer of several groups.</summary>
    /// <exception cref="ArgumentException">A parameter is in more than one group.</exception>
    public Adadelta(params IEnumerable<AdadeltaGroup> groups) : base(groups)
    {
    }

    private protected override void Update(ParameterGroup group)
    {
        var options = (AdadeltaGroup)group;
        var (state, n) = (group.State, group.State.Count);
        state.EnsureSlots();
        Status.Check(Native.ts_adadelta_step(
            state.Parameters.Pointer, n, state.Gradients.Pointer, n,
            state.Slots[0].Handles.Pointer, n,
            state.Slots[1].Handles.Pointer, n,
            state.Steps.Pointer, n,
            options.LearningRate, options.Rho, options.Epsilon, options.WeightDecay,
            Marshalling.Code(options.Maximize)));
    }
}
