// Channels and space exchanged: Shi et al. (2016).

namespace TorchScratch.NN;

/// <summary>(..., C r^2, H, W) becomes (..., C, H r, W r).</summary>
/// <param name="upscaleFactor">r.</param>
public sealed class PixelShuffle(int upscaleFactor) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override string Description => $"upscale_factor={upscaleFactor}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.PixelShuffle(input, upscaleFactor);
}

/// <summary>(..., C, H r, W r) becomes (..., C r^2, H, W).</summary>
/// <param name="downscaleFactor">r.</param>
public sealed class PixelUnshuffle(int downscaleFactor) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override string Description => $"downscale_factor={downscaleFactor}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.PixelUnshuffle(input, downscaleFactor);
}

/// <summary>Channels of (N, C, ...) dealt out among groups.</summary>
/// <param name="groups">The number of groups, a divisor of C.</param>
public sealed class ChannelShuffle(int groups) : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override string Description => $"groups={groups}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.ChannelShuffle(input, groups);
}
