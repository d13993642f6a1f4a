// Sums columns back into images (col2im).

namespace TorchScratch.NN;

/// <summary>
/// Images (N, C, H, W) whose windows are the columns (N, C kH kW, windows); where windows overlap, their elements are
/// added. N may be missing from both.
/// </summary>
/// <param name="outputSize">Height and width of the images.</param>
/// <param name="kernelSize">Size of the kernel.</param>
/// <param name="dilation">Distance between neighbouring elements of a window.</param>
/// <param name="padding">Number of elements that the windows extend past every side of the images.</param>
/// <param name="stride">Distance between the starts of neighbouring windows.</param>
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
