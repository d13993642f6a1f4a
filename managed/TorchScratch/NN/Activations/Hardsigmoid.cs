// A piecewise linear approximation of the sigmoid.

namespace TorchScratch.NN;

/// <summary>min(max(x / 6 + 1/2, 0), 1).</summary>
public sealed class Hardsigmoid : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Hardsigmoid(input);
}
