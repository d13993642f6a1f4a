// Partial inverse of max pooling of images.

namespace TorchScratch.NN;

/// <summary>
/// Puts each maximum of (N, C, H, W) or (C, H, W) back where it was and zeros elsewhere, given
/// what <see cref="MaxPool2d.CallWithIndices"/> returns.
/// </summary>
/// <param name="kernelSize">Size of the window.</param>
/// <param name="stride">Distance between the starts of neighbouring windows; kernelSize if not given.</param>
/// <param name="padding">Number of elements that the pooling added on every side.</param>
/// <exception cref="ArgumentException">A size is out of range.</exception>
public sealed class MaxUnpool2d(Size2d kernelSize, Size2d? stride = null, Size2d? padding = null)
    : MaxUnpool(kernelSize.ToArray(), (stride ?? kernelSize).ToArray(), (padding ?? 0).ToArray())
{
    /// <summary>Size of the window.</summary>
    public Size2d KernelSize { get; } = Argument.AtLeast(kernelSize, 1);

    /// <summary>Distance between the starts of neighbouring windows.</summary>
    public Size2d Stride { get; } = Argument.AtLeast(stride ?? kernelSize, 1, nameof(stride));

    /// <summary>Number of elements that the pooling added on every side.</summary>
    public Size2d Padding { get; } = Argument.AtLeast(padding ?? 0, 0, nameof(padding));
}
