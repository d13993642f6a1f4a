// The sigmoid linear unit, also called swish.

namespace TorchScratch.NN;

/// <summary>x / (1 + exp(-x)).</summary>
public sealed class SiLU : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Silu(input);
}
