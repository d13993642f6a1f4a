// Extracts sliding windows of images as columns (im2col).

namespace TorchScratch.NN;

/// <summary>The windows of (N, C, H, W) or (C, H, W) as columns: (N, C kH kW, windows) or (C kH kW, windows).</summary>
/// <param name="kernelSize">Size of the window.</param>
/// <param name="dilation">Distance between neighbouring elements of a window.</param>
/// <param name="padding">Number of zeros added on every side.</param>
/// <param name="stride">Distance between the starts of neighbouring windows.</param>
/// <exception cref="ArgumentException">A size is out of range.</exception>
public sealed class Unfold(Size2d kernelSize, Size2d? dilation = null, Size2d? padding = null, Size2d? stride = null)
    : Module<Tensor, Tensor>
{
    /// <summary>Size of the window.</summary>
    public Size2d KernelSize { get; } = Argument.AtLeast(kernelSize, 1);

    /// <summary>Distance between neighbouring elements of a window.</summary>
    public Size2d Dilation { get; } = Argument.AtLeast(dilation ?? 1, 1, nameof(dilation));

    /// <summary>Number of zeros added on every side.</summary>
    public Size2d Padding { get; } = Argument.AtLeast(padding ?? 0, 0, nameof(padding));

    /// <summary>Distance between the starts of neighbouring windows.</summary>
    public Size2d Stride { get; } = Argument.AtLeast(stride ?? 1, 1, nameof(stride));

    /// <inheritdoc/>
    protected override string Description =>
        $"kernel_size={KernelSize.ToShortString()}, dilation={Dilation.ToShortString()}, " +
        $"padding={Padding.ToShortString()}, stride={Stride.ToShortString()}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Unfold(input, KernelSize.ToIntList(),
        Dilation.ToIntList(), Padding.ToIntList(), Stride.ToIntList());
}
