// The softsign activation.

namespace TorchScratch.NN;

/// <summary>x / (1 + |x|).</summary>
public sealed class Softsign : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Softsign(input);
}
