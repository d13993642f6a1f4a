// A dimension cut into several.

namespace TorchScratch.NN;

/// <summary>Cuts a dimension into several: (N, 12) becomes (N, 3, 4).</summary>
/// <param name="dim">The dimension.</param>
/// <param name="unflattenedSize">The sizes it becomes; one may be -1.</param>
public sealed class Unflatten(int dim, params long[] unflattenedSize) : Module<Tensor, Tensor>
{
    /// <summary>The dimension.</summary>
    public int Dim => dim;

    /// <inheritdoc/>
    protected override string Description => $"dim={dim}, unflattened_size=({string.Join(", ", unflattenedSize)})";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.Unflatten(dim, unflattenedSize);
}
