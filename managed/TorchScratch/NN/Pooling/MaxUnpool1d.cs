// Partial inverse of max pooling of sequences.

namespace TorchScratch.NN;

/// <summary>
/// Of maxima (N, C, L) or (C, L) and their places, as <see cref="MaxPool1d.CallWithIndices"/> gives them.
/// </summary>
/// <param name="kernelSize">Size of a window.</param>
/// <param name="stride">Steps between windows; as large as the window if not given.</param>
/// <param name="padding">Elements that the pooling added on every side.</param>
public sealed class MaxUnpool1d(int kernelSize, int? stride = null, int padding = 0)
    : MaxUnpool([kernelSize], [stride ?? kernelSize], [padding]);
