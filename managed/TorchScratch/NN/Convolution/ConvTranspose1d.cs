// Transposed convolution over sequences.

namespace TorchScratch.NN;

/// <summary>
/// The transpose of <see cref="Conv1d"/>, which is its gradient with respect to the input: (N, C, L) or (C, L) with a
/// weight (C, out / groups, k), plus a bias (out). The output has (size - 1) stride - 2 padding + dilation (k - 1) +
/// outputPadding + 1 elements in its last dimension.
/// </summary>
public sealed class ConvTranspose1d : ConvolutionModule
{
    /// <summary>
    /// A layer with PyTorch's default initialization: weight and bias are uniform in [-1 / sqrt(n), 1 / sqrt(n)), where
    /// n is the number of elements of weight[0].
    /// </summary>
    /// <param name="inChannels">Channels of the input, C.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="kernelSize">Size of the kernel.</param>
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
    public ConvTranspose1d(int inChannels, int outChannels, int kernelSize, int stride = 1, int padding = 0,
        int outputPadding = 0, int groups = 1, bool bias = true, int dilation = 1, DType? dtype = null)
        : base(inChannels, outChannels, new([kernelSize], [stride], [padding], [dilation]), groups, bias,
            PaddingMode.Zeros, dtype, isTransposed: true) =>
        OutputPadding = outputPadding;

    /// <summary>Size of the kernel.</summary>
    public int KernelSize => (int)Sizes.Kernel[0];

    /// <summary>Distance between the starts of neighbouring windows.</summary>
    public int Stride => (int)Sizes.Stride[0];

    /// <summary>Number of elements cut off on every side of the output.</summary>
    public int Padding => (int)Sizes.Padding[0];

    /// <summary>Distance between neighbouring elements of a window.</summary>
    public int Dilation => (int)Sizes.Dilation[0];

    /// <summary>Number of elements added at the end of each dimension of the output.</summary>
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
        Functional.ConvTranspose1d(input, Weight, Bias, Sizes.Stride, Sizes.Padding, OutputPadding, Groups,
            Sizes.Dilation);
}
