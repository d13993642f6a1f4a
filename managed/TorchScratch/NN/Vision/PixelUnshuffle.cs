// Moves elements from space to channels, the inverse of PixelShuffle.

namespace TorchScratch.NN;

/// <summary>(..., C, H r, W r) becomes (..., C r^2, H, W).</summary>
/// <param name="downscaleFactor">r.</param>
public sealed class PixelUnshuffle(int downscaleFactor) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override string Description => $"downscale_factor={downscaleFactor}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.PixelUnshuffle(input, downscaleFactor);
}
