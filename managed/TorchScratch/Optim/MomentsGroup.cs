// What Adam and its relatives share: two running means.

using TorchScratch.NN;

namespace TorchScratch.Optim;

/// <summary>Parameters of an optimizer that keeps two running means: of the gradients, and of their size.</summary>
public abstract class MomentsGroup : ParameterGroup
{
    private protected MomentsGroup(IEnumerable<Tensor> parameters) : base(parameters)
    {
    }

    /// <summary>Decay of the mean of gradients, in [0, 1).</summary>
    public double Beta1 { get; set => field = Decay(value); } = 0.9;

    /// <summary>Decay of the mean of squared gradients, or of the largest gradient, in [0, 1).</summary>
    public double Beta2 { get; set => field = Decay(value); } = 0.999;

    /// <summary>Added to the size before dividing by it.</summary>
    public double Epsilon { get; set => field = NotNegative(value); } = 1e-8;

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
        new("eps", () => Epsilon, value => Epsilon = value),
    ]);
}
