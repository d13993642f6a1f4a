// Means of windows of images.

namespace TorchScratch.NN;

/// <summary>The mean of each window of (N, C, H, W) or (C, H, W).</summary>
public sealed class AvgPool2d : Module<Tensor, Tensor>
{
    /// <summary>A pooling layer.</summary>
    /// <param name="kernelSize">Size of a window.</param>
    /// <param name="stride">Steps between windows; as large as the window if not given.</param>
    /// <param name="padding">Zeros added on every side, at most half a window.</param>
    /// <param name="ceilMode">Whether a window may reach over the end.</param>
    /// <param name="countIncludePad">Whether the zeros count among the elements of the mean.</param>
    /// <param name="divisorOverride">What to divide the sums by instead.</param>
    public AvgPool2d(Size2d kernelSize, Size2d? stride = null, Size2d? padding = null, bool ceilMode = false,
        bool countIncludePad = true, int? divisorOverride = null)
    {
        KernelSize = kernelSize.AtLeast(1);
        Stride = (stride ?? kernelSize).AtLeast(1);
        Padding = (padding ?? 0).AtLeast(0);
        CeilMode = ceilMode;
        CountIncludePad = countIncludePad;
        DivisorOverride = divisorOverride;
    }

    /// <summary>Size of a window.</summary>
    public Size2d KernelSize { get; }

    /// <summary>Steps between windows.</summary>
    public Size2d Stride { get; }

    /// <summary>Zeros added on every side.</summary>
    public Size2d Padding { get; }

    /// <summary>Whether a window may reach over the end.</summary>
    public bool CeilMode { get; }

    /// <summary>Whether the zeros count among the elements of the mean.</summary>
    public bool CountIncludePad { get; }

    /// <summary>What to divide the sums by instead.</summary>
    public int? DivisorOverride { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"kernel_size={KernelSize.ToShortString()}, stride={Stride.ToShortString()}, padding={Padding.ToShortString()}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Functional.AvgPool2d(input, (KernelSize.Height, KernelSize.Width), (Stride.Height, Stride.Width),
            (Padding.Height, Padding.Width),
        CeilMode, CountIncludePad, DivisorOverride);
}
