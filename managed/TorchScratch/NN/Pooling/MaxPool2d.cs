// Largest elements of windows of images.

namespace TorchScratch.NN;

/// <summary>The largest element of each window of (N, C, H, W) or (C, H, W).</summary>
public sealed class MaxPool2d : Module<Tensor, Tensor>
{
    /// <summary>A pooling layer.</summary>
    /// <param name="kernelSize">Size of a window.</param>
    /// <param name="stride">Steps between windows; as large as the window if not given.</param>
    /// <param name="padding">Minus infinity added on every side, at most half a window.</param>
    /// <param name="dilation">Steps between the elements of a window.</param>
    /// <param name="ceilMode">Whether a window may reach over the end.</param>
    public MaxPool2d(Size2d kernelSize, Size2d? stride = null, Size2d? padding = null, Size2d? dilation = null,
        bool ceilMode = false)
    {
        KernelSize = kernelSize.AtLeast(1);
        Stride = (stride ?? kernelSize).AtLeast(1);
        Padding = (padding ?? 0).AtLeast(0);
        Dilation = (dilation ?? 1).AtLeast(1);
        CeilMode = ceilMode;
    }

    /// <summary>Size of a window.</summary>
    public Size2d KernelSize { get; }

    /// <summary>Steps between windows.</summary>
    public Size2d Stride { get; }

    /// <summary>Minus infinity added on every side.</summary>
    public Size2d Padding { get; }

    /// <summary>Steps between the elements of a window.</summary>
    public Size2d Dilation { get; }

    /// <summary>Whether a window may reach over the end.</summary>
    public bool CeilMode { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"kernel_size={KernelSize.ToShortString()}, stride={Stride.ToShortString()}, " +
        $"padding={Padding.ToShortString()}, " +
        $"dilation={Dilation.ToShortString()}, ceil_mode={(CeilMode ? "True" : "False")}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Functional.MaxPool2d(input, (KernelSize.Height, KernelSize.Width), (Stride.Height, Stride.Width),
            (Padding.Height, Padding.Width),
        (Dilation.Height, Dilation.Width), CeilMode);

    /// <summary>
    /// What PyTorch gives with return_indices: the output, and where in its plane, counted row by row, each maximum is,
    /// Int64. See <see cref="MaxUnpool2d"/>.
    /// </summary>
    /// <param name="input">As for a call; hooks are not run.</param>
    public (Tensor Output, Tensor Indices) CallWithIndices(Tensor input) => Functional.MaxPool2dWithIndices(
        input, (KernelSize.Height, KernelSize.Width), (Stride.Height, Stride.Width), (Padding.Height, Padding.Width),
        (Dilation.Height, Dilation.Width), CeilMode);
}
