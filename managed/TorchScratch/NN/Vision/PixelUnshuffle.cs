// Moves elements from space to channels, the inverse of PixelShuffle.

namespace TorchScratch.NN;

/// <summary>(..., C, H r, W r) becomes (..., C r^2, H, W).</summary>
/// <param name="downscaleFactor">The factor r by which height and width shrink.</param>
public sealed class PixelUnshuffle(int downscaleFactor) : Module<Tensor, Tensor>
{
    /// <summary>The factor r by which height and width shrink.</summary>
    public int DownscaleFactor => downscaleFactor;

    /// <inheritdoc/>
    protected override string Description => $"downscale_factor={downscaleFactor}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.PixelUnshuffle(input, downscaleFactor);
}
