// Extracts sliding windows of images as columns (im2col).

namespace TorchScratch.NN;

/// <summary>The windows of (N, C, H, W) or (C, H, W) as columns: (N, C kH kW, windows) or (C kH kW, windows).</summary>
/// <param name="kernelSize">Size of the kernel.</param>
/// <param name="dilation">Distance between neighbouring elements of a window.</param>
/// <param name="padding">Number of zeros added on every side.</param>
/// <param name="stride">Distance between the starts of neighbouring windows.</param>
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
