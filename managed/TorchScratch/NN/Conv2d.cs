// Convolution over images.

namespace TorchScratch.NN;

/// <summary>
/// Cross-correlation of images (N, C, H, W) or (C, H, W) with a weight (out, C / groups, kH, kW), plus a bias (out). The
/// output has floor((H + 2 padding - dilation (kH - 1) - 1) / stride) + 1 rows, and columns likewise.
/// </summary>
public sealed class Conv2d : Module<Tensor, Tensor>
{
    /// <summary>A layer with PyTorch's first values: both uniform within 1 / sqrt(C / groups kH kW).</summary>
    /// <param name="inChannels">C.</param>
    /// <param name="outChannels">Channels of the output.</param>
    /// <param name="kernelSize">kH and kW; one number stands for both, here and below.</param>
    /// <param name="stride">Steps between windows.</param>
    /// <param name="padding">Zeros added on every side.</param>
    /// <param name="dilation">Steps between the elements of a window.</param>
    /// <param name="groups">Parts of the channels that do not see each other.</param>
    /// <param name="bias">Whether to add a bias.</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
    /// <exception cref="ArgumentException">The channels are not divisible by the groups, or a size is out of range.</exception>
    public Conv2d(int inChannels, int outChannels, Size2d kernelSize, Size2d? stride = null, Size2d? padding = null,
        Size2d? dilation = null, int groups = 1, bool bias = true, DType? dtype = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inChannels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outChannels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        if (inChannels % groups != 0 || outChannels % groups != 0)
            throw new ArgumentException($"{inChannels} and {outChannels} channels cannot be divided into {groups} groups", nameof(groups));
        InChannels = inChannels;
        OutChannels = outChannels;
        KernelSize = kernelSize.AtLeast(1);
        Stride = (stride ?? 1).AtLeast(1);
        Padding = (padding ?? 0).AtLeast(0);
        Dilation = (dilation ?? 1).AtLeast(1);
        Groups = groups;
        Weight = RegisterParameter("weight", new Parameter(
            Tensor.Empty([outChannels, inChannels / groups, KernelSize.Height, KernelSize.Width], dtype)));
        if (bias)
            Bias = RegisterParameter("bias", new Parameter(Tensor.Empty([outChannels], dtype)));
        Init.Layer(Weight, Bias);
    }

    /// <summary>Channels of the input.</summary>
    public int InChannels { get; }

    /// <summary>Channels of the output.</summary>
    public int OutChannels { get; }

    /// <summary>Rows and columns of a window.</summary>
    public Size2d KernelSize { get; }

    /// <summary>Steps between windows.</summary>
    public Size2d Stride { get; }

    /// <summary>Zeros added on every side.</summary>
    public Size2d Padding { get; }

    /// <summary>Steps between the elements of a window.</summary>
    public Size2d Dilation { get; }

    /// <summary>Parts of the channels that do not see each other.</summary>
    public int Groups { get; }

    /// <summary>The weight, (out, C / groups, kH, kW).</summary>
    public Parameter Weight { get; }

    /// <summary>The bias, (out), if there is one.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"{InChannels}, {OutChannels}, kernel_size={KernelSize}, stride={Stride}" +
        (Padding == 0 ? "" : $", padding={Padding}") +
        (Dilation == 1 ? "" : $", dilation={Dilation}") +
        (Groups == 1 ? "" : $", groups={Groups}") +
        (Bias is null ? ", bias=False" : "");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Conv2d(input, Weight, Bias,
        (Stride.Height, Stride.Width), (Padding.Height, Padding.Width), (Dilation.Height, Dilation.Width), Groups);
}
