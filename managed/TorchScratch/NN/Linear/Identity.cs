// Returns its input.

namespace TorchScratch.NN;

/// <summary>Returns its input unchanged, for a place that needs a module.</summary>
public sealed class Identity : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input;
    }
}
