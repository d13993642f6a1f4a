// Windows of images as columns, and back.

namespace TorchScratch.NN;

/// <summary>The windows of (N, C, H, W) or (C, H, W) as columns, (N, C kH kW, windows).</summary>
/// <param name="kernelSize">Size of a window.</param>
/// <param name="dilation">Steps between the elements of a window.</param>
/// <param name="padding">Zeros added on every side.</param>
/// <param name="stride">Steps between windows.</param>
public sealed class Unfold(Size2d kernelSize, Size2d? dilation = null, Size2d? padding = null, Size2d? stride = null)
    : Module<Tensor, Tensor>
{
    private readonly Windows2d _windows = new(kernelSize, dilation, padding, stride);

    /// <inheritdoc/>
    protected override string Description => _windows.ToString();

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Functional.Im2col(input, _windows.Kernel, _windows.Dilation, _windows.Padding, _windows.Stride);
}

/// <summary>The images whose windows are the columns (N, C kH kW, windows); where windows overlap, the sum.</summary>
/// <param name="outputSize">Rows and columns of the images.</param>
/// <param name="kernelSize">Size of a window.</param>
/// <param name="dilation">Steps between the elements of a window.</param>
/// <param name="padding">Elements on every side that the images do not have.</param>
/// <param name="stride">Steps between windows.</param>
public sealed class Fold(Size2d outputSize, Size2d kernelSize, Size2d? dilation = null, Size2d? padding = null,
    Size2d? stride = null)
    : Module<Tensor, Tensor>
{
    private readonly Windows2d _windows = new(kernelSize, dilation, padding, stride);

    /// <inheritdoc/>
    protected override string Description => $"output_size={outputSize.ToShortString()}, {_windows}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Fold(input, (outputSize.Height, outputSize.Width),
        _windows.Kernel, _windows.Dilation, _windows.Padding, _windows.Stride);
}

/// <summary>How windows lie over an image.</summary>
internal sealed class Windows2d(Size2d kernelSize, Size2d? dilation, Size2d? padding, Size2d? stride)
{
    private readonly Size2d _kernel = kernelSize.AtLeast(1), _dilation = (dilation ?? 1).AtLeast(1);
    private readonly Size2d _padding = (padding ?? 0).AtLeast(0), _stride = (stride ?? 1).AtLeast(1);

    public long[] Kernel => [_kernel.Height, _kernel.Width];

    public long[] Dilation => [_dilation.Height, _dilation.Width];

    public long[] Padding => [_padding.Height, _padding.Width];

    public long[] Stride => [_stride.Height, _stride.Width];

    public override string ToString() =>
        $"kernel_size={_kernel.ToShortString()}, dilation={_dilation.ToShortString()}, " +
        $"padding={_padding.ToShortString()}, stride={_stride.ToShortString()}";
}
