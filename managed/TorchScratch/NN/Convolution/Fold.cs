// Sums columns back into images (col2im).

namespace TorchScratch.NN;

/// <summary>
/// Images (N, C, H, W) whose windows are the columns (N, C kH kW, windows); where windows overlap, their elements are
/// added. N may be missing from both.
/// </summary>
/// <param name="outputSize">Height and width of the images.</param>
/// <param name="kernelSize">Size of the window.</param>
/// <param name="dilation">Distance between neighbouring elements of a window.</param>
/// <param name="padding">Number of elements that the windows extend past every side of the images.</param>
/// <param name="stride">Distance between the starts of neighbouring windows.</param>
/// <exception cref="ArgumentException">A size is out of range.</exception>
public sealed class Fold(Size2d outputSize, Size2d kernelSize, Size2d? dilation = null, Size2d? padding = null,
    Size2d? stride = null)
    : Module<Tensor, Tensor>
{
    /// <summary>Height and width of the images.</summary>
    public Size2d OutputSize => outputSize;

    /// <summary>Size of the window.</summary>
    public Size2d KernelSize { get; } = Argument.AtLeast(kernelSize, 1);

    /// <summary>Distance between neighbouring elements of a window.</summary>
    public Size2d Dilation { get; } = Argument.AtLeast(dilation ?? 1, 1, nameof(dilation));

    /// <summary>Number of elements that the windows extend past every side of the images.</summary>
    public Size2d Padding { get; } = Argument.AtLeast(padding ?? 0, 0, nameof(padding));

    /// <summary>Distance between the starts of neighbouring windows.</summary>
    public Size2d Stride { get; } = Argument.AtLeast(stride ?? 1, 1, nameof(stride));

    /// <inheritdoc/>
    protected override string Description =>
        $"output_size={outputSize.ToShortString()}, kernel_size={KernelSize.ToShortString()}, " +
        $"dilation={Dilation.ToShortString()}, padding={Padding.ToShortString()}, stride={Stride.ToShortString()}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Fold(input, outputSize.ToIntList(),
        KernelSize.ToIntList(), Dilation.ToIntList(), Padding.ToIntList(), Stride.ToIntList());
}
