// Dropout of channels of sequences.

namespace TorchScratch.NN;

/// <summary>Dropout of channels of sequences (N, C, L) or (C, L).</summary>
/// <param name="p">The probability with which a channel is dropped, in [0, 1].</param>
public sealed class Dropout1d(double p = 0.5) : ChannelDropout(p, 1);
