// The difference between an element and its hyperbolic tangent.

namespace TorchScratch.NN;

/// <summary>x - tanh(x).</summary>
public sealed class Tanhshrink : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Tanhshrink(input);
}
