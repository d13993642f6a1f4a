// Moves elements from channels to space: Shi et al. (2016).

namespace TorchScratch.NN;

/// <summary>(..., C r^2, H, W) becomes (..., C, H r, W r).</summary>
/// <param name="upscaleFactor">The factor r by which height and width grow.</param>
public sealed class PixelShuffle(int upscaleFactor) : Module<Tensor, Tensor>
{
    /// <summary>The factor r by which height and width grow.</summary>
    public int UpscaleFactor => upscaleFactor;

    /// <inheritdoc/>
    protected override string Description => $"upscale_factor={upscaleFactor}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.PixelShuffle(input, upscaleFactor);
}
