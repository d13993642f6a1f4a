// Partial inverse of max pooling of images.

namespace TorchScratch.NN;

/// <summary>
/// Of maxima (N, C, H, W) or (C, H, W) and their places, as <see cref="MaxPool2d.CallWithIndices"/> gives them.
/// </summary>
/// <param name="kernelSize">Size of a window.</param>
/// <param name="stride">Steps between windows; as large as the window if not given.</param>
/// <param name="padding">Elements that the pooling added on every side.</param>
public sealed class MaxUnpool2d(Size2d kernelSize, Size2d? stride = null, Size2d? padding = null)
    : MaxUnpool([kernelSize.Height, kernelSize.Width], [(stride ?? kernelSize).Height, (stride ?? kernelSize).Width],
        [(padding ?? 0).Height, (padding ?? 0).Width]);
