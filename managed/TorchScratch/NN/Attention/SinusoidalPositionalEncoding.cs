// Sines and cosines of the position, added to embeddings: Vaswani et al. (2017).

namespace TorchScratch.NN;

/// <summary>
/// Adds to (..., T, E) sin(t / 10000^(2i / E)) in feature 2i and cos(t / 10000^(2i / E)) in feature 2i + 1 of position
/// t: Vaswani et al. (2017), section 3.5.
/// </summary>
public sealed class SinusoidalPositionalEncoding : Module<Tensor, Tensor>
{
    private readonly ModuleBuffer _encoding;
    private readonly Dropout? _dropout;
    private readonly bool _batchFirst;

    /// <summary>Encodings for sequences up to a length.</summary>
    /// <param name="embedDim">The number of features E, an even number.</param>
    /// <param name="maxLength">The length of the longest sequence.</param>
    /// <param name="dropout">In training, the probability with which an element of the sum is dropped.</param>
    /// <param name="batchFirst">
    /// Whether the batch dimension comes before the length; otherwise inputs are (T, N, E).
    /// </param>
    /// <param name="dtype">Element type; the default floating-point type if not given.</param>
    /// <exception cref="ArgumentException">embedDim is odd or below 2.</exception>
    public SinusoidalPositionalEncoding(int embedDim, int maxLength = 5000, double dropout = 0, bool batchFirst = true,
        DType? dtype = null)
    {
        if (embedDim < 2 || embedDim % 2 != 0)
            throw new ArgumentException(
                $"sines and cosines alternate, so the number of features must be even, got {embedDim}",
                nameof(embedDim));
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 1);
        var angles = RotaryPositionalEncoding.Angles(embedDim, maxLength, 10000);
        _encoding = RegisterBuffer("pe",
            Tensor.Stack([angles.Sin(), angles.Cos()], -1).Flatten(1).To(dtype ?? Runtime.DefaultDType),
            isPersistent: false);
        _batchFirst = batchFirst;
        if (dropout > 0)
            _dropout = RegisterModule("dropout", new Dropout(dropout));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        var length = input.Size(_batchFirst ? -2 : 0);
        if (length > _encoding.Value.Size(0))
            throw new ShapeException(
                $"SinusoidalPositionalEncoding: the sequence has length {length}, more than maxLength, " +
                $"{_encoding.Value.Size(0)}");
        var encoding = _encoding.Value.Narrow(0, 0, length);
        var sum = input + (_batchFirst || input.NDim < 3 ? encoding : encoding.Unsqueeze(1));
        return _dropout is null ? sum : _dropout.Call(sum);
    }
}
