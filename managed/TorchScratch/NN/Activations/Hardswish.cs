// A piecewise approximation of swish: Howard et al. (2019).

namespace TorchScratch.NN;

/// <summary>x times its <see cref="Hardsigmoid"/>.</summary>
public sealed class Hardswish : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Hardswish(input);
}
