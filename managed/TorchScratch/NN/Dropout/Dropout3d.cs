// Dropout of channels of volumes.

namespace TorchScratch.NN;

/// <summary>Dropout of channels of volumes (N, C, D, H, W) or (C, D, H, W).</summary>
/// <param name="p">The probability with which a channel is dropped, in [0, 1].</param>
public sealed class Dropout3d(double p = 0.5) : ChannelDropout(p, 3);
