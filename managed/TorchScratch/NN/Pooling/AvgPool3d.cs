// Average pooling of volumes.

namespace TorchScratch.NN;

/// <summary>
/// The mean of each window of (N, C, D, H, W) or (C, D, H, W). The output has floor((size + 2 padding - kernelSize) /
/// stride) + 1 elements in each direction.
/// </summary>
/// <param name="kernelSize">Size of the window.</param>
/// <param name="stride">Distance between the starts of neighbouring windows; kernelSize if not given.</param>
/// <param name="padding">Number of zeros added on every side; at most half the window.</param>
/// <param name="ceilMode">
/// Whether output sizes are rounded up instead of down, so that the last window may extend past the edge.
/// </param>
/// <param name="countIncludePad">Whether the zeros of the padding count as elements of the mean.</param>
/// <param name="divisorOverride">The divisor of the sums; the number of elements of the window if null.</param>
/// <exception cref="ArgumentException">A size is out of range.</exception>
public sealed class AvgPool3d(Size3d kernelSize, Size3d? stride = null, Size3d? padding = null, bool ceilMode = false,
    bool countIncludePad = true, int? divisorOverride = null)
    : Module<Tensor, Tensor>
{
    /// <summary>Size of the window.</summary>
    public Size3d KernelSize { get; } = Argument.AtLeast(kernelSize, 1);

    /// <summary>Distance between the starts of neighbouring windows.</summary>
    public Size3d Stride { get; } = Argument.AtLeast(stride ?? kernelSize, 1, nameof(stride));

    /// <summary>Number of zeros added on every side; at most half the window.</summary>
    public Size3d Padding { get; } = Argument.AtLeast(padding ?? 0, 0, nameof(padding));

    /// <summary>
    /// Whether output sizes are rounded up instead of down, so that the last window may extend past the edge.
    /// </summary>
    public bool CeilMode => ceilMode;

    /// <summary>Whether the zeros of the padding count as elements of the mean.</summary>
    public bool CountIncludePad => countIncludePad;

    /// <summary>The divisor of the sums; the number of elements of the window if null.</summary>
    public int? DivisorOverride => divisorOverride;

    /// <inheritdoc/>
    protected override string Description =>
        $"kernel_size={KernelSize.ToShortString()}, stride={Stride.ToShortString()}, padding={Padding.ToShortString()}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.AvgPool3d(input, KernelSize.ToIntList(),
        Stride.ToIntList(), Padding.ToIntList(), ceilMode, countIncludePad, divisorOverride);
}
