// Rotations of queries and keys by their position: Su et al., "RoFormer" (2021).

namespace TorchScratch.NN;

/// <summary>
/// Rotates each pair of features (2i, 2i + 1) of (..., T, D) at position t by the angle t base^(-2i / D), so that
/// products of queries and keys depend on the distance of their positions: Su et al., "RoFormer" (2021).
/// </summary>
public sealed class RotaryPositionalEncoding : Module<Tensor, Tensor>
{
    private readonly ModuleBuffer _cosines, _sines;

    /// <summary>Rotations for sequences up to a length.</summary>
    /// <param name="dim">The number of features of a head D, an even number.</param>
    /// <param name="maxLength">The length of the longest sequence.</param>
    /// <param name="base">The base of the powers that give the frequencies.</param>
    /// <param name="dtype">Element type; the default floating-point type if not given.</param>
    /// <exception cref="ArgumentException">dim is odd or below 2.</exception>
    public RotaryPositionalEncoding(int dim, int maxLength = 2048, double @base = 10000, DType? dtype = null)
    {
        if (dim < 2 || dim % 2 != 0)
            throw new ArgumentException(
                $"features are rotated in pairs, so their number must be even, got {dim}", nameof(dim));
        ArgumentOutOfRangeException.ThrowIfLessThan(maxLength, 1);
        var angles = Angles(dim, maxLength, @base);
        _cosines = RegisterBuffer("cos", angles.Cos().To(dtype ?? Runtime.DefaultDType), isPersistent: false);
        _sines = RegisterBuffer("sin", angles.Sin().To(dtype ?? Runtime.DefaultDType), isPersistent: false);
    }

    /// <summary>The rotated features, of the shape of the input.</summary>
    /// <param name="input">Queries or keys, (..., T, D).</param>
    /// <param name="offset">The position of the first element, for when earlier positions are cached.</param>
    public Tensor Call(Tensor input, long offset) => CallWith(input, x => Forward(x, offset));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Forward(input, 0);

    /// <summary>The angles, (maxLength, dim / 2), in float64.</summary>
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
