// Splits a dimension into several.

namespace TorchScratch.NN;

/// <summary>Splits a dimension into several: with dim = 1 and sizes 3 and 4, (N, 12) becomes (N, 3, 4).</summary>
/// <param name="dim">The dimension to split; negative counts from the end.</param>
/// <param name="unflattenedSize">The sizes of the new dimensions; one may be -1 and is then inferred.</param>
public sealed class Unflatten(int dim, params long[] unflattenedSize) : Module<Tensor, Tensor>
{
    private readonly long[] _sizes = unflattenedSize ?? throw new ArgumentNullException(nameof(unflattenedSize));

    /// <summary>The dimension to split.</summary>
    public int Dim => dim;

    /// <summary>The sizes of the new dimensions.</summary>
    public IReadOnlyList<long> UnflattenedSize => _sizes;

    /// <inheritdoc/>
    protected override string Description => $"dim={dim}, unflattened_size=({string.Join(", ", _sizes)})";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Unflatten(dim, _sizes);
    }
}
