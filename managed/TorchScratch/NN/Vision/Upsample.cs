// Resampling of images and sequences.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>(N, C, ...) resampled to a size, or by a factor, on its last one to three dimensions.</summary>
public sealed class Upsample : Module<Tensor, Tensor>
{
    private readonly long[]? _size;
    private readonly double? _scaleFactor;
    private readonly InterpolationMode _mode;
    private readonly bool? _alignCorners;
    private readonly bool? _recomputeScaleFactor;

    /// <summary>A layer.</summary>
    /// <param name="size">Sizes of the output; this or the factor.</param>
    /// <param name="scaleFactor">The output's sizes over the input's.</param>
    /// <param name="mode">How to get elements between others.</param>
    /// <param name="alignCorners">
    /// Whether the outermost elements keep their places, in the linear modes; else the edges do.
    /// </param>
    /// <param name="recomputeScaleFactor">Whether the factor in use is that of the rounded sizes.</param>
    /// <exception cref="ArgumentException">Not exactly one of size and scaleFactor is given.</exception>
    public Upsample(long[]? size = null, double? scaleFactor = null, InterpolationMode mode = InterpolationMode.Nearest,
        bool? alignCorners = null, bool? recomputeScaleFactor = null)
    {
        if (size is null == scaleFactor is null)
            throw new ArgumentException("exactly one of size and scaleFactor is needed", nameof(size));
        (_size, _scaleFactor, _mode, _alignCorners, _recomputeScaleFactor) = (size, scaleFactor, mode, alignCorners,
            recomputeScaleFactor);
    }

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture,
        $"{(_size is null ? $"scale_factor={_scaleFactor}" : $"size=({string.Join(", ", _size)})")}, " +
        $"mode={_mode.ToString().ToLowerInvariant()}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        // One number stands for all dimensions.
        var size = _size is [var only] ? [.. Enumerable.Repeat(only, Math.Max(1, input.NDim - 2))] : _size;
        return Functional.Interpolate(input, size is null ? default : (IntList)size, _scaleFactor, _mode,
            alignCorners: _alignCorners ?? false, recomputeScaleFactor: _recomputeScaleFactor ?? false);
    }
}
