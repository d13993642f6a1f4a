// Convolution over images.

using System.Runtime.CompilerServices;

namespace TorchScratch.NN;

/// <summary>
/// Cross-correlation of (N, C, H, W) or (C, H, W) with a weight (out, C / groups, kH, kW), plus a bias (out). The
/// output has floor((size + 2 padding - dilation (k - 1) - 1) / stride) + 1 elements in each direction.
/// </summary>
public sealed class Conv2d : ConvolutionModule
{
    /// <summary>
    /// A layer with PyTorch's default initialization: weight and bias are uniform in [-1 / sqrt(n), 1 / sqrt(n)), where
    /// n is the number of elements of weight[0].
    /// </summary>
    /// <param name="inChannels">Channels of the input, C.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="kernelSize">Height and width of the kernel; here and below one integer converts to both.</param>
    /// <param name="stride">Distance between the starts of neighbouring windows.</param>
    /// <param name="padding">Number of elements added on every side.</param>
    /// <param name="dilation">Distance between neighbouring elements of a window.</param>
    /// <param name="groups">
    /// Number of groups of channels; each group of output channels uses one group of input channels.
    /// </param>
    /// <param name="bias">Whether the layer has a bias.</param>
    /// <param name="paddingMode">How the padding is filled.</param>
    /// <param name="dtype">Element type; the default floating-point type if not given.</param>
    /// <exception cref="ArgumentException">
    /// A number of channels is not divisible by groups, or a size is out of range.
    /// </exception>
    public Conv2d(int inChannels, int outChannels, Size2d kernelSize, Size2d? stride = null, Size2d? padding = null,
        Size2d? dilation = null, int groups = 1, bool bias = true, PaddingMode paddingMode = PaddingMode.Zeros,
        DType? dtype = null)
        : base(inChannels, outChannels,
            new(kernelSize.ToArray(), List(stride, 1), List(padding, 0), List(dilation, 1)),
            groups, bias, paddingMode, dtype)
    {
    }

    /// <summary>The same layer with its padding given by name.</summary>
    /// <param name="inChannels">Channels of the input, C.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="kernelSize">Height and width of the kernel; here and below one integer converts to both.</param>
    /// <param name="padding">
    /// No padding, or as much as keeps the size; if its total is odd, the extra element is at the end.
    /// </param>
    /// <param name="stride">Distance between the starts of neighbouring windows.</param>
    /// <param name="dilation">Distance between neighbouring elements of a window.</param>
    /// <param name="groups">
    /// Number of groups of channels; each group of output channels uses one group of input channels.
    /// </param>
    /// <param name="bias">Whether the layer has a bias.</param>
    /// <param name="paddingMode">How the padding is filled.</param>
    /// <param name="dtype">Element type; the default floating-point type if not given.</param>
    /// <exception cref="ArgumentException">
    /// A number of channels is not divisible by groups, or a size is out of range.
    /// </exception>
    [OverloadResolutionPriority(-1)]
    public Conv2d(int inChannels, int outChannels, Size2d kernelSize, ConvolutionPadding padding, Size2d? stride = null,
        Size2d? dilation = null, int groups = 1, bool bias = true, PaddingMode paddingMode = PaddingMode.Zeros,
        DType? dtype = null)
        : base(inChannels, outChannels,
            new(kernelSize.ToArray(), List(stride, 1), padding, List(dilation, 1)), groups, bias,
            paddingMode, dtype) =>
        NamedPadding = padding;

    /// <summary>Size of the kernel.</summary>
    public Size2d KernelSize => new((int)Sizes.Kernel[0], (int)Sizes.Kernel[1]);

    /// <summary>Distance between the starts of neighbouring windows.</summary>
    public Size2d Stride => new((int)Sizes.Stride[0], (int)Sizes.Stride[1]);

    /// <summary>Number of elements added on every side.</summary>
    public Size2d Padding => new((int)Sizes.Padding[0], (int)Sizes.Padding[1]);

    /// <summary>Distance between neighbouring elements of a window.</summary>
    public Size2d Dilation => new((int)Sizes.Dilation[0], (int)Sizes.Dilation[1]);

    /// <summary>The padding if it was given by name, else null.</summary>
    public ConvolutionPadding? NamedPadding { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"{InChannels}, {OutChannels}, kernel_size={KernelSize}, stride={Stride}" +
        (NamedPadding is { } name ? $", padding={(name == ConvolutionPadding.Same ? "same" : "valid")}" : Padding == 0
            ? "" : $", padding={Padding}") +
        (Dilation == 1 ? "" : $", dilation={Dilation}") +
        (Groups == 1 ? "" : $", groups={Groups}") +
        (Bias is null ? ", bias=False" : "") +
        (PaddingMode == PaddingMode.Zeros ? "" : $", padding_mode={PaddingMode.ToString().ToLowerInvariant()}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => PadsItself
        ? Functional.Conv2d(input, Weight, Bias, Sizes.Stride, Sizes.Padding, Sizes.Dilation, Groups)
        : Functional.Conv2d(Padded(input), Weight, Bias, Sizes.Stride, 0, Sizes.Dilation, Groups);

    private static long[] List(Size2d? size, int defaultSize) => (size ?? defaultSize).ToArray();
}
