// What the partial inverses of max pooling share.

namespace TorchScratch.NN;

/// <summary>What unpooling over any number of dimensions shares.</summary>
public abstract class MaxUnpool : Module<Tensor, Tensor, Tensor>
{
    private readonly long[] _kernelSize, _stride, _padding;

    private protected MaxUnpool(long[] kernelSize, long[] stride, long[] padding)
    {
        (_kernelSize, _stride, _padding) = (kernelSize, stride, padding);
        if (kernelSize.Concat(stride).Any(size => size < 1) || padding.Any(size => size < 0))
            throw new ArgumentException($"{GetType().Name}: windows and strides are at least 1, paddings at least 0");
    }

    /// <inheritdoc/>
    protected override string Description =>
        $"kernel_size={Text(_kernelSize)}, stride={Text(_stride)}, padding={Text(_padding)}";

    /// <summary>The input of the pooling, as far as its output tells.</summary>
    /// <param name="input">The maxima.</param>
    /// <param name="indices">Their places, Int64, of the input's shape.</param>
    /// <param name="outputSize">Sizes of the last dimensions where several fit; else the smallest that the windows
    /// fill.</param>
    public Tensor Call(Tensor input, Tensor indices, params long[] outputSize) =>
        CallWith((input, indices), pair => Forward(pair.Item1, pair.Item2, outputSize));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second) => Forward(first, second, []);

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
            sizes = Fitting(outputSize, sizes);
        long[] shape = [.. input.Shape[..leading], .. sizes];
        var places = sizes.Aggregate(1L, (product, size) => product * size);
        return Tensor.Zeros([.. input.Shape[..leading], places], input.DType)
            .Scatter(-1, indices.Flatten(leading), input.Flatten(leading)).Reshape(shape);
    }

    private static string Text(long[] sizes) => $"({string.Join(", ", sizes)}{(sizes.Length == 1 ? "," : "")})";

    // A pooling loses less than a stride of the size.
    private long[] Fitting(long[] wanted, long[] sizes)
    {
        for (var d = 0; d < sizes.Length; d++)
        {
            if (wanted.Length != sizes.Length || Math.Abs(wanted[d] - sizes[d]) >= _stride[d])
            {
                throw new ShapeException($"{GetType().Name}: outputSize must be within a stride of " +
                    $"({string.Join(", ", sizes)}), got ({string.Join(", ", wanted)})");
            }
        }
        return wanted;
    }
}
