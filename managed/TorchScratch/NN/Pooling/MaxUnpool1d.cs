// Partial inverse of max pooling of sequences.

namespace TorchScratch.NN;

/// <summary>
/// Puts each maximum of (N, C, L) or (C, L) back where it was and zeros elsewhere, given
/// what <see cref="MaxPool1d.CallWithIndices"/> returns.
/// </summary>
/// <param name="kernelSize">Size of the window.</param>
/// <param name="stride">Distance between the starts of neighbouring windows; kernelSize if not given.</param>
/// <param name="padding">Number of elements that the pooling added on every side.</param>
/// <exception cref="ArgumentException">A size is out of range.</exception>
public sealed class MaxUnpool1d(int kernelSize, int? stride = null, int padding = 0)
    : MaxUnpool([kernelSize], [stride ?? kernelSize], [padding])
{
    /// <summary>Size of the window.</summary>
    public int KernelSize { get; } = Argument.AtLeast(kernelSize, 1);

    /// <summary>Distance between the starts of neighbouring windows.</summary>
    public int Stride { get; } = Argument.AtLeast(stride ?? kernelSize, 1, nameof(stride));

    /// <summary>Number of elements that the pooling added on every side.</summary>
    public int Padding { get; } = Argument.AtLeast(padding, 0);
}
