// Convolution over volumes.

namespace TorchScratch.NN;

/// <summary>
/// Cross-correlation of (N, C, D, H, W) or (C, D, H, W) with a weight (out, C / groups, kD, kH, kW), plus a bias (out).
/// The output has floor((size + 2 padding - dilation (k - 1) - 1) / stride) + 1 elements in each direction.
/// </summary>
public sealed class Conv3d : ConvolutionModule
{
    /// <summary>
    /// A layer with PyTorch's first values: both uniform within 1 / sqrt(fan), the elements of a weight's row.
    /// </summary>
    /// <param name="inChannels">C.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="kernelSize">Size of a window; one number stands for all directions, here and below.</param>
    /// <param name="stride">Steps between windows.</param>
    /// <param name="padding">Elements added on every side.</param>
    /// <param name="dilation">Steps between the elements of a window.</param>
    /// <param name="groups">Parts of the channels that do not see each other.</param>
    /// <param name="bias">Whether to add a bias.</param>
    /// <param name="paddingMode">What is added.</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
    /// <exception cref="ArgumentException">The channels are not divisible by the groups, or a size is out of
    /// range.</exception>
    public Conv3d(int inChannels, int outChannels, Size3d kernelSize, Size3d? stride = null, Size3d? padding = null,
        Size3d? dilation = null, int groups = 1, bool bias = true, PaddingMode paddingMode = PaddingMode.Zeros,
        DType? dtype = null)
        : base(inChannels, outChannels,
            new(kernelSize.ToArray(), List(stride, 1), List(padding, 0), List(dilation, 1)),
            groups, bias, paddingMode, dtype)
    {
    }

    /// <summary>The same with padding by name.</summary>
    /// <param name="inChannels">C.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="kernelSize">Size of a window; one number stands for all directions, here and below.</param>
    /// <param name="padding">None, or as much as keeps the size; one more at the end if it is odd.</param>
    /// <param name="stride">Steps between windows.</param>
    /// <param name="dilation">Steps between the elements of a window.</param>
    /// <param name="groups">Parts of the channels that do not see each other.</param>
    /// <param name="bias">Whether to add a bias.</param>
    /// <param name="paddingMode">What is added.</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
    /// <exception cref="ArgumentException">The channels are not divisible by the groups, or a size is out of
    /// range.</exception>
    public Conv3d(int inChannels, int outChannels, Size3d kernelSize, ConvolutionPadding padding, Size3d? stride = null,
        Size3d? dilation = null, int groups = 1, bool bias = true, PaddingMode paddingMode = PaddingMode.Zeros,
        DType? dtype = null)
        : base(inChannels, outChannels, new(kernelSize.ToArray(), List(stride, 1), padding, List(dilation, 1)),
            groups, bias, paddingMode, dtype) =>
        NamedPadding = padding;

    /// <summary>Size of a window.</summary>
    public Size3d KernelSize => Size(Sizes.Kernel);

    /// <summary>Steps between windows.</summary>
    public Size3d Stride => Size(Sizes.Stride);

    /// <summary>Elements added on every side.</summary>
    public Size3d Padding => Size(Sizes.Padding);

    /// <summary>Steps between the elements of a window.</summary>
    public Size3d Dilation => Size(Sizes.Dilation);

    /// <summary>The padding, if it was given by name.</summary>
    public ConvolutionPadding? NamedPadding { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"{InChannels}, {OutChannels}, kernel_size={KernelSize}, stride={Stride}" +
        (NamedPadding is { } name
            ? $", padding={(name == ConvolutionPadding.Same ? "same" : "valid")}"
            : Padding == 0 ? "" : $", padding={Padding}") +
        (Dilation == 1 ? "" : $", dilation={Dilation}") +
        (Groups == 1 ? "" : $", groups={Groups}") +
        (Bias is null ? ", bias=False" : "") +
        (PaddingMode == PaddingMode.Zeros ? "" : $", padding_mode={PaddingMode.ToString().ToLowerInvariant()}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => PadsItself
        ? Functional.Conv3d(input, Weight, Bias, Sizes.Stride, Sizes.Padding, Sizes.Dilation, Groups)
        : Functional.Conv3d(Padded(input), Weight, Bias, Sizes.Stride, 0, Sizes.Dilation, Groups);

    private static long[] List(Size3d? size, int otherwise) => (size ?? otherwise).ToArray();

    private static Size3d Size(long[] sizes) => new((int)sizes[0], (int)sizes[1], (int)sizes[2]);
}
