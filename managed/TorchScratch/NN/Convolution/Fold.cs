// Sums columns back into images (col2im).

namespace TorchScratch.NN;

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
