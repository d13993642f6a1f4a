// The sigmoid linear unit, also called swish.

namespace TorchScratch.NN;

/// <summary>x sigmoid(x) = x / (1 + exp(-x)): Elfwing, Uchibe, Doya (2017).</summary>
public sealed class SiLU : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Silu(input);
}
