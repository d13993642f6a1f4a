// Transposed convolution over sequences.

namespace TorchScratch.NN;

/// <summary>
/// The gradient of a convolution with respect to its input, as a layer: (N, C, L) or (C, L) with a weight
/// (C, out / groups, k), plus a bias (out). The output has (size - 1) stride - 2 padding + dilation (k - 1) +
/// outputPadding + 1 elements in each direction.
/// </summary>
public sealed class ConvTranspose1d : ConvolutionModule
{
    /// <summary>
    /// A layer with PyTorch's first values: both uniform within 1 / sqrt(fan), the elements of a weight's row.
    /// </summary>
    /// <param name="inChannels">C.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="kernelSize">Size of a window.</param>
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
    public ConvTranspose1d(int inChannels, int outChannels, int kernelSize, int stride = 1, int padding = 0,
        int outputPadding = 0, int groups = 1, bool bias = true, int dilation = 1, DType? dtype = null)
        : base(inChannels, outChannels, new([kernelSize], [stride],
            [padding], [dilation]), groups, bias, PaddingMode.Zeros, dtype, isTransposed: true) =>
        OutputPadding = outputPadding;

    /// <summary>Size of a window.</summary>
    public int KernelSize => (int)Sizes.Kernel[0];

    /// <summary>Steps between windows.</summary>
    public int Stride => (int)Sizes.Stride[0];

    /// <summary>Elements cut off on every side.</summary>
    public int Padding => (int)Sizes.Padding[0];

    /// <summary>Steps between the elements of a window.</summary>
    public int Dilation => (int)Sizes.Dilation[0];

    /// <summary>Elements added at the end.</summary>
    public int OutputPadding { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"{InChannels}, {OutChannels}, kernel_size=({KernelSize},), stride=({Stride},)" +
        (Padding == 0 ? "" : $", padding=({Padding},)") +
        (OutputPadding == 0 ? "" : $", output_padding=({OutputPadding},)") +
        (Dilation == 1 ? "" : $", dilation=({Dilation},)") +
        (Groups == 1 ? "" : $", groups={Groups}") +
        (Bias is null ? ", bias=False" : "");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Functional.ConvTranspose1d(input, Weight, Bias, Sizes.Stride, Sizes.Padding,
        OutputPadding, Groups, Sizes.Dilation);
}
