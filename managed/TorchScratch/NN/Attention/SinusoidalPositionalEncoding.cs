// Sines and cosines of the position, added to embeddings: Vaswani et al. (2017).

namespace TorchScratch.NN;

/// <summary>
/// Adds to (..., T, E) the waves of Vaswani et al. (2017): at position t, sin(t / 10000^(2i / E)) in feature 2i and the
/// cosine in 2i + 1.
/// </summary>
public sealed class SinusoidalPositionalEncoding : Module<Tensor, Tensor>
{
    private readonly ModuleBuffer _waves;
    private readonly Dropout? _dropout;
    private readonly bool _batchFirst;

    /// <summary>Waves for sequences up to a length.</summary>
    /// <param name="embedDim">E, even.</param>
    /// <param name="maxLength">The longest sequence.</param>
    /// <param name="dropout">Of the sum, in training.</param>
    /// <param name="batchFirst">Whether the batch comes before the length; else inputs are (T, N, E).</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
    /// <exception cref="ArgumentException">E is odd.</exception>
    public SinusoidalPositionalEncoding(int embedDim, int maxLength = 5000, double dropout = 0, bool batchFirst = true,
        DType? dtype = null)
    {
        if (embedDim < 2 || embedDim % 2 != 0)
            throw new ArgumentException(
                $"sines and cosines alternate, so the number of features is even, got {embedDim}", nameof(embedDim));
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 1);
        var angles = RotaryPositionalEncoding.Angles(embedDim, maxLength, 10000);
        _waves = RegisterBuffer("pe",
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
        if (length > _waves.Value.Size(0))
            throw new ShapeException(
                $"SinusoidalPositionalEncoding: a sequence of {length}, made for at most {_waves.Value.Size(0)}");
        var waves = _waves.Value.Narrow(0, 0, length);
        var sum = input + (_batchFirst || input.NDim < 3 ? waves : waves.Unsqueeze(1));
        return _dropout is null ? sum : _dropout.Call(sum);
    }
}
