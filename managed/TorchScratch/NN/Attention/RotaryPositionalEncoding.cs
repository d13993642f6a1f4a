// Rotations of queries and keys by their position: Su et al., "RoFormer" (2021).

namespace TorchScratch.NN;

/// <summary>
/// Turns each pair of features (2i, 2i + 1) of (..., T, D) by the angle t base^(-2i / D), so that products of queries
/// and keys depend on distances: Su et al., "RoFormer" (2021).
/// </summary>
public sealed class RotaryPositionalEncoding : Module<Tensor, Tensor>
{
    private readonly ModuleBuffer _cosines, _sines;

    /// <summary>Angles for sequences up to a length.</summary>
    /// <param name="dim">D, even: the features of a head.</param>
    /// <param name="maxLength">The longest sequence.</param>
    /// <param name="base">Of the powers that the frequencies are.</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
    /// <exception cref="ArgumentException">D is odd.</exception>
    public RotaryPositionalEncoding(int dim, int maxLength = 2048, double @base = 10000, DType? dtype = null)
    {
        if (dim < 2 || dim % 2 != 0)
            throw new ArgumentException($"features turn in pairs, so their number is even, got {dim}", nameof(dim));
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 1);
        var angles = Angles(dim, maxLength, @base);
        _cosines = RegisterBuffer("cos", angles.Cos().To(dtype ?? Runtime.DefaultDType), isPersistent: false);
        _sines = RegisterBuffer("sin", angles.Sin().To(dtype ?? Runtime.DefaultDType), isPersistent: false);
    }

    /// <summary>The turned features.</summary>
    /// <param name="input">(..., T, D).</param>
    /// <param name="offset">The position of the first element, as when earlier ones are cached.</param>
    public Tensor Call(Tensor input, long offset) => CallWith(input, x => Forward(x, offset));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Forward(input, 0);

    /// <summary>(length, dim / 2) angles in float64.</summary>
    internal static Tensor Angles(int dim, int maxLength, double @base)
    {
        var frequencies = (Tensor.Arange(0, dim, 2, DType.Float64) * (-Math.Log(@base) / dim)).Exp();
        return Tensor.Arange(maxLength, DType.Float64).Outer(frequencies);
    }

    private Tensor Forward(Tensor input, long offset)
    {
        ArgumentNullException.ThrowIfNull(input);
        var length = input.NDim >= 2 ? input.Size(-2) : 0;
        if (input.NDim < 2 || input.Size(-1) != 2 * _cosines.Value.Size(1) || offset < 0 ||
            offset + length > _cosines.Value.Size(0))
        {
            throw new ShapeException(
                $"RotaryPositionalEncoding: input must be (..., T, {2 * _cosines.Value.Size(1)}) with positions " +
                $"below {_cosines.Value.Size(0)}, got shape {input.ShapeText} at {offset}");
        }
        var (cosines, sines) = (_cosines.Value.Narrow(0, offset, length), _sines.Value.Narrow(0, offset, length));
        var pairs = input.Unflatten(-1, -1, 2);
        var (even, odd) = (pairs.Select(-1, 0), pairs.Select(-1, 1));
        return Tensor.Stack([even * cosines - odd * sines, even * sines + odd * cosines], -1).Flatten(-2);
    }
}
