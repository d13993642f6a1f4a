// The hyperbolic tangent.

namespace TorchScratch.NN;

/// <summary>The hyperbolic tangent of x.</summary>
public sealed class Tanh : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Tanh();
    }
}
