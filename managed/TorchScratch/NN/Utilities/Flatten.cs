// Merges consecutive dimensions.

namespace TorchScratch.NN;

/// <summary>
/// Merges the dimensions from startDim to endDim into one; by default (N, ...) becomes (N, product of the other sizes).
/// </summary>
/// <param name="startDim">The first dimension to merge; negative counts from the end.</param>
/// <param name="endDim">The last dimension to merge; negative counts from the end.</param>
public sealed class Flatten(int startDim = 1, int endDim = -1) : Module<Tensor, Tensor>
{
    /// <summary>The first dimension to merge.</summary>
    public int StartDim => startDim;

    /// <summary>The last dimension to merge.</summary>
    public int EndDim => endDim;

    /// <inheritdoc/>
    protected override string Description => $"start_dim={startDim}, end_dim={endDim}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.Flatten(startDim, endDim);
    }
}
