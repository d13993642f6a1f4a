// Softmax along a dimension.

namespace TorchScratch.NN;

/// <summary>exp(x) / sum(exp(x)) along a dimension.</summary>
/// <param name="dim">The dimension along which the results add up to 1; negative counts from the end.</param>
public sealed class Softmax(int dim) : Module<Tensor, Tensor>
{
    /// <summary>The dimension along which the results add up to 1.</summary>
    public int Dim => dim;

    /// <inheritdoc/>
    protected override string Description => $"dim={dim}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Softmax(dim);
    }
}
