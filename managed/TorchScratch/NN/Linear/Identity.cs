// Returns its input.

namespace TorchScratch.NN;

/// <summary>Its input.</summary>
public sealed class Identity : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input;
}
