// What the partial inverses of max pooling share.

namespace TorchScratch.NN;

/// <summary>
/// Unpooling over one or more dimensions; sizes are listed from the first pooled dimension to the last.
/// </summary>
public abstract class MaxUnpool : Module<Tensor, Tensor, Tensor>
{
    private readonly long[] _kernelSize, _stride, _padding;

    private protected MaxUnpool(long[] kernelSize, long[] stride, long[] padding) =>
        (_kernelSize, _stride, _padding) = (kernelSize, stride, padding);

    /// <inheritdoc/>
    protected override string Description =>
        $"kernel_size={Text(_kernelSize)}, stride={Text(_stride)}, padding={Text(_padding)}";

    /// <summary>The input of the pooling with every element that was not a maximum replaced by 0.</summary>
    /// <param name="input">The maxima.</param>
    /// <param name="indices">The index of each maximum, Int64, of the shape of <paramref name="input"/>.</param>
    /// <param name="outputSize">
    /// Sizes of the pooled dimensions, since inputs of several sizes have outputs of the same size; the smallest that
    /// the windows fill if not given.
    /// </param>
    /// <exception cref="ShapeException">
    /// The shapes of input and indices differ, or outputSize is not the size of an input of the pooling.
    /// </exception>
    public Tensor Call(Tensor input, Tensor indices, params long[] outputSize) =>
        CallWith((input, indices), pair => Forward(pair.Item1, pair.Item2, outputSize));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return Forward(first, second, []);
    }

    private Tensor Forward(Tensor input, Tensor indices, long[] outputSize)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(indices);
        ArgumentNullException.ThrowIfNull(outputSize);
        var dims = _kernelSize.Length;
        var leading = input.NDim - dims;
        if (leading is not (1 or 2) || !input.Shape.SequenceEqual(indices.Shape))
        {
            throw new ShapeException($"{GetType().Name}: input must have {dims + 1} or {dims + 2} dimensions and " +
                $"indices the same shape, got {input.ShapeText} and {indices.ShapeText}");
        }
        var sizes = new long[dims];
        for (var d = 0; d < dims; d++)
            sizes[d] = (input.Size(leading + d) - 1) * _stride[d] - 2 * _padding[d] + _kernelSize[d];
        if (outputSize.Length > 0)
            sizes = Checked(outputSize, sizes);
        long[] shape = [.. input.Shape[..leading], .. sizes];
        var count = sizes.Aggregate(1L, (product, size) => product * size);
        return Tensor.Zeros([.. input.Shape[..leading], count], input.DType, input.Device)
            .Scatter(-1, indices.Flatten(leading), input.Flatten(leading)).Reshape(shape);
    }

    private static string Text(long[] sizes) => $"({string.Join(", ", sizes)}{(sizes.Length == 1 ? "," : "")})";

    // Pooling drops less than one stride at the end of a dimension.
    private long[] Checked(long[] outputSize, long[] smallest)
    {
        for (var d = 0; d < smallest.Length; d++)
        {
            if (outputSize.Length != smallest.Length || Math.Abs(outputSize[d] - smallest[d]) >= _stride[d])
            {
                throw new ShapeException($"{GetType().Name}: outputSize must differ from " +
                    $"({string.Join(", ", smallest)}) by less than the stride, got ({string.Join(", ", outputSize)})");
            }
        }
        return outputSize;
    }
}
