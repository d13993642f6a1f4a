// Kernel size, stride, padding and dilation of a convolution, checked.

namespace TorchScratch.NN;

/// <summary>Sizes of a convolution, one for each spatial dimension.</summary>
internal sealed class ConvolutionSizes
{
    public ConvolutionSizes(long[] kernel, long[] stride, long[] padding, long[] dilation)
    {
        (Kernel, Stride, Padding, PaddingAfter, Dilation) =
            (Argument.AtLeast(kernel, 1, "kernelSize"), Argument.AtLeast(stride, 1), Argument.AtLeast(padding, 0), padding,
            Argument.AtLeast(dilation, 1));
    }

    /// <summary>Sizes with the padding that keeps the size of the input, or with none.</summary>
    public ConvolutionSizes(long[] kernel, long[] stride, ConvolutionPadding padding, long[] dilation)
        : this(kernel, stride, new long[kernel.Length], dilation)
    {
        if (padding == ConvolutionPadding.Valid)
            return;
        if (stride.Any(step => step != 1))
            throw new ArgumentException("ConvolutionPadding.Same needs a stride of 1", nameof(padding));
        Padding = [.. kernel.Select((size, d) => dilation[d] * (size - 1) / 2)];
        PaddingAfter = [.. kernel.Select((size, d) => dilation[d] * (size - 1) - Padding[d])];
    }

    public long[] Kernel { get; }

    public long[] Stride { get; }

    public long[] Padding { get; }

    /// <summary>
    /// Padding at the end of each dimension, where <see cref="ConvolutionPadding.Same"/> may need one more.
    /// </summary>
    public long[] PaddingAfter { get; }

    public long[] Dilation { get; }
}
