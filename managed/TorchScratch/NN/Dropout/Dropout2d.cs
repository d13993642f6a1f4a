// Dropout of channels of images.

namespace TorchScratch.NN;

/// <summary>Dropout of channels of images (N, C, H, W) or (C, H, W).</summary>
/// <param name="p">The probability with which a channel is dropped, in [0, 1].</param>
public sealed class Dropout2d(double p = 0.5) : ChannelDropout(p, 2);
