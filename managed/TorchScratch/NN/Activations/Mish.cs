// The mish activation: Misra (2019).

namespace TorchScratch.NN;

/// <summary>x tanh(softplus(x)): Misra (2019).</summary>
public sealed class Mish : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Mish(input);
}
