// Transposed convolution over images.

namespace TorchScratch.NN;

/// <summary>
/// The gradient of a convolution with respect to its input, as a layer: (N, C, H, W) or (C, H, W) with a weight
/// (C, out / groups, kH, kW), plus a bias (out). The output has (size - 1) stride - 2 padding + dilation (k - 1) +
/// outputPadding + 1 elements in each direction.
/// </summary>
public sealed class ConvTranspose2d : ConvolutionModule
{
    /// <summary>
    /// A layer with PyTorch's first values: both uniform within 1 / sqrt(fan), the elements of a weight's row.
    /// </summary>
    /// <param name="inChannels">C.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="kernelSize">Size of a window; one number stands for rows and columns, here and below.</param>
    /// <param name="stride">Steps between windows.</param>
    /// <param name="padding">Elements cut off on every side.</param>
    /// <param name="outputPadding">Elements added at the end.</param>
    /// <param name="groups">Parts of the channels that do not see each other.</param>
    /// <param name="bias">Whether to add a bias.</param>
    /// <param name="dilation">Steps between the elements of a window.</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
    /// <exception cref="ArgumentException">
    /// The channels are not divisible by the groups, or a size is out of range.
    /// </exception>
    public ConvTranspose2d(int inChannels, int outChannels, Size2d kernelSize, Size2d? stride = null,
        Size2d? padding = null,
        Size2d? outputPadding = null, int groups = 1, bool bias = true, Size2d? dilation = null, DType? dtype = null)
        : base(inChannels, outChannels, new([kernelSize.Height, kernelSize.Width], List(stride, 1),
            List(padding, 0), List(dilation, 1)), groups, bias, PaddingMode.Zeros, dtype, isTransposed: true) =>
        OutputPadding = (outputPadding ?? 0).AtLeast(0);

    /// <summary>Size of a window.</summary>
    public Size2d KernelSize => new((int)Sizes.Kernel[0], (int)Sizes.Kernel[1]);

    /// <summary>Steps between windows.</summary>
    public Size2d Stride => new((int)Sizes.Stride[0], (int)Sizes.Stride[1]);

    /// <summary>Elements cut off on every side.</summary>
    public Size2d Padding => new((int)Sizes.Padding[0], (int)Sizes.Padding[1]);

    /// <summary>Steps between the elements of a window.</summary>
    public Size2d Dilation => new((int)Sizes.Dilation[0], (int)Sizes.Dilation[1]);

    /// <summary>Elements added at the end.</summary>
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
        Functional.ConvTranspose2d(input, Weight, Bias, Sizes.Stride, Sizes.Padding,
        (OutputPadding.Height, OutputPadding.Width), Groups, Sizes.Dilation);

    private static long[] List(Size2d? size, int otherwise) => [(size ?? otherwise).Height, (size ?? otherwise).Width];
}
