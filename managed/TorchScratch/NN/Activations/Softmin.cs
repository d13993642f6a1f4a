// Softmax of the negated input.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>exp(-x) / sum(exp(-x)) along a dimension.</summary>
/// <param name="dim">The dimension along which the results add up to 1; negative counts from the end.</param>
public sealed class Softmin(int dim) : Module<Tensor, Tensor>
{
    /// <summary>The dimension along which the results add up to 1.</summary>
    public int Dim => dim;

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture, $"dim={dim}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Softmin(input, dim);
}
