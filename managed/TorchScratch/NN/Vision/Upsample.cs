// Resampling of sequences, images and volumes.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>Resamples the last one to three dimensions of (N, C, ...) to given sizes or by a factor.</summary>
/// <param name="size">
/// The sizes of the output, one for all dimensions or one for each; give this or scaleFactor.
/// </param>
/// <param name="scaleFactor">The sizes of the output divided by those of the input.</param>
/// <param name="mode">How values between the elements of the input are computed.</param>
/// <param name="alignCorners">
/// In the linear and cubic modes, whether the centres of the outermost elements of input and output coincide; otherwise
/// their edges do.
/// </param>
/// <param name="recomputeScaleFactor">
/// Whether to compute positions from the rounded output sizes rather than from scaleFactor.
/// </param>
/// <exception cref="ArgumentException">Both or neither of size and scaleFactor are given.</exception>
public sealed class Upsample(long[]? size = null, double? scaleFactor = null,
    InterpolationMode mode = InterpolationMode.Nearest, bool? alignCorners = null, bool? recomputeScaleFactor = null)
    : Module<Tensor, Tensor>
{
    private readonly long[]? _size = size is null == scaleFactor is null
        ? throw new ArgumentException("exactly one of size and scaleFactor must be given", nameof(size))
        : size;

    /// <summary>The sizes of the output; null if they follow from the factor.</summary>
    public IReadOnlyList<long>? Size => _size;

    /// <summary>The sizes of the output divided by those of the input; null if the sizes are given.</summary>
    public double? ScaleFactor => scaleFactor;

    /// <summary>How values between the elements of the input are computed.</summary>
    public InterpolationMode Mode => mode;

    /// <summary>Whether the centres of the outermost elements coincide, rather than their edges.</summary>
    public bool? AlignCorners => alignCorners;

    /// <summary>Whether positions are computed from the rounded output sizes rather than from the factor.</summary>
    public bool? RecomputeScaleFactor => recomputeScaleFactor;

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture,
        $"{(_size is null ? $"scale_factor={scaleFactor}" : $"size=({string.Join(", ", _size)})")}, " +
        $"mode={mode.ToString().ToLowerInvariant()}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        // One size stands for all dimensions.
        var size = _size is [var only] ? [.. Enumerable.Repeat(only, Math.Max(1, input.NDim - 2))] : _size;
        return Functional.Interpolate(input, size is null ? default : (IntList)size, scaleFactor, mode,
            alignCorners: alignCorners ?? false, recomputeScaleFactor: recomputeScaleFactor ?? false);
    }
}
