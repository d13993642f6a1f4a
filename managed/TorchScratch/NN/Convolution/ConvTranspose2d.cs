// Transposed convolution over images.

namespace TorchScratch.NN;

/// <summary>
/// The transpose of <see cref="Conv2d"/>, which is its gradient with respect to the input: (N, C, H, W) or (C, H, W)
/// with a weight (C, out / groups, kH, kW), plus a bias (out). The output has (size - 1) stride - 2 padding + dilation
/// (k - 1) + outputPadding + 1 elements in each direction.
/// </summary>
public sealed class ConvTranspose2d : ConvolutionModule
{
    /// <summary>
    /// A layer with PyTorch's default initialization: weight and bias are uniform in [-1 / sqrt(n), 1 / sqrt(n)), where
    /// n is the number of elements of weight[0].
    /// </summary>
    /// <param name="inChannels">Channels of the input, C.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="kernelSize">Height and width of the kernel; here and below one integer converts to both.</param>
    /// <param name="stride">Distance between the starts of neighbouring windows.</param>
    /// <param name="padding">Number of elements cut off on every side of the output.</param>
    /// <param name="outputPadding">Number of elements added at the end of each dimension of the output.</param>
    /// <param name="groups">
    /// Number of groups of channels; each group of output channels uses one group of input channels.
    /// </param>
    /// <param name="bias">Whether the layer has a bias.</param>
    /// <param name="dilation">Distance between neighbouring elements of a window.</param>
    /// <param name="dtype">Element type; the default floating-point type if not given.</param>
    /// <exception cref="ArgumentException">
    /// A number of channels is not divisible by groups, or a size is out of range.
    /// </exception>
    public ConvTranspose2d(int inChannels, int outChannels, Size2d kernelSize, Size2d? stride = null,
        Size2d? padding = null, Size2d? outputPadding = null, int groups = 1, bool bias = true, Size2d? dilation = null,
        DType? dtype = null)
        : base(inChannels, outChannels,
            new(kernelSize.ToArray(), List(stride, 1), List(padding, 0), List(dilation, 1)), groups, bias,
            PaddingMode.Zeros, dtype, isTransposed: true) =>
        OutputPadding = Argument.AtLeast(outputPadding ?? 0, 0, nameof(outputPadding));

    /// <summary>Size of the kernel.</summary>
    public Size2d KernelSize => new((int)Sizes.Kernel[0], (int)Sizes.Kernel[1]);

    /// <summary>Distance between the starts of neighbouring windows.</summary>
    public Size2d Stride => new((int)Sizes.Stride[0], (int)Sizes.Stride[1]);

    /// <summary>Number of elements cut off on every side of the output.</summary>
    public Size2d Padding => new((int)Sizes.Padding[0], (int)Sizes.Padding[1]);

    /// <summary>Distance between neighbouring elements of a window.</summary>
    public Size2d Dilation => new((int)Sizes.Dilation[0], (int)Sizes.Dilation[1]);

    /// <summary>Number of elements added at the end of each dimension of the output.</summary>
    public Size2d OutputPadding { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"{InChannels}, {OutChannels}, kernel_size={KernelSize}, stride={Stride}" +
        (Padding == 0 ? "" : $", padding={Padding}") +
        (OutputPadding == 0 ? "" : $", output_padding={OutputPadding}") +
        (Dilation == 1 ? "" : $", dilation={Dilation}") +
        (Groups == 1 ? "" : $", groups={Groups}") +
        (Bias is null ? ", bias=False" : "");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Functional.ConvTranspose2d(input, Weight, Bias, Sizes.Stride, Sizes.Padding, OutputPadding.ToIntList(), Groups,
            Sizes.Dilation);

    private static long[] List(Size2d? size, int defaultSize) => (size ?? defaultSize).ToArray();
}
