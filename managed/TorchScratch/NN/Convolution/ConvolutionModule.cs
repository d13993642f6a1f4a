// What convolutions over any number of dimensions share.

namespace TorchScratch.NN;

/// <summary>
/// The parameters and options of a convolution; sizes are listed from the first spatial dimension to the last.
/// </summary>
public abstract class ConvolutionModule : Module<Tensor, Tensor>, ICountsFlops
{
    private readonly bool _isTransposed;

    private protected ConvolutionModule(int inChannels, int outChannels, ConvolutionSizes sizes, int groups, bool bias,
        PaddingMode paddingMode, DType? dtype, bool isTransposed = false)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(inChannels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(outChannels, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(groups, 1);
        if (inChannels % groups != 0 || outChannels % groups != 0)
            throw new ArgumentException(
                $"{inChannels} and {outChannels} channels cannot be divided into {groups} groups", nameof(groups));
        (InChannels, OutChannels, Groups, PaddingMode, Sizes) = (inChannels, outChannels, groups, paddingMode, sizes);
        _isTransposed = isTransposed;
        long[] channels = isTransposed ? [inChannels, outChannels / groups] : [outChannels, inChannels / groups];
        Weight = RegisterParameter("weight", new Parameter(Tensor.Empty([.. channels, .. sizes.Kernel], dtype)));
        if (bias)
            Bias = RegisterParameter("bias", new Parameter(Tensor.Empty([outChannels], dtype)));
        Init.DefaultLayer(Weight, Bias);
    }

    /// <summary>Channels of the input.</summary>
    public int InChannels { get; }

    /// <summary>Channels of the output.</summary>
    public int OutChannels { get; }

    /// <summary>Number of groups of channels; each group of output channels uses one group of input channels.</summary>
    public int Groups { get; }

    /// <summary>How the padding is filled.</summary>
    public PaddingMode PaddingMode { get; }

    /// <summary>
    /// The weight: (out, in / groups, kernel...), or (in, out / groups, kernel...) of a transposed convolution.
    /// </summary>
    public Parameter Weight { get; }

    /// <summary>The bias, (out); null if the layer has none.</summary>
    public Parameter? Bias { get; }

    private protected ConvolutionSizes Sizes { get; }

    long ICountsFlops.CountFlops(object? input, object? output)
    {
        // A convolution multiplies a whole kernel for each element of its output, a transposed one of its input.
        var (from, to) = ((Tensor)input!, (Tensor)output!);
        var products = (_isTransposed ? from : to).ElementCount * (Weight.ElementCount / Weight.Shape[0]);
        return 2 * products + (Bias is null ? 0 : to.ElementCount);
    }

    /// <summary>The input padded by a separate operator, for what the convolution operator cannot pad itself.</summary>
    private protected Tensor Padded(Tensor input)
    {
        // Pad takes (before, after) for the last dimension first.
        var pads = new long[2 * Sizes.Padding.Length];
        for (var d = 0; d < Sizes.Padding.Length; d++)
        {
            var at = pads.Length - 2 * (d + 1);
            (pads[at], pads[at + 1]) = (Sizes.Padding[d], Sizes.PaddingAfter[d]);
        }
        return Functional.Pad(input, pads, PaddingMode switch
        {
            PaddingMode.Reflect => PadMode.Reflect,
            PaddingMode.Replicate => PadMode.Replicate,
            PaddingMode.Circular => PadMode.Circular,
            _ => PadMode.Constant,
        });
    }

    /// <summary>Whether the convolution operator can pad: it adds as many zeros before as after.</summary>
    private protected bool PadsItself =>
        PaddingMode == PaddingMode.Zeros && Sizes.Padding.AsSpan().SequenceEqual(Sizes.PaddingAfter);
}
