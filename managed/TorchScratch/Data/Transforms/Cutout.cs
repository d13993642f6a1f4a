// Blanks out a square of an image.

namespace TorchScratch.Data;

/// <summary>
/// Blanks out a square at a random position: DeVries and Taylor, "Improved regularization of convolutional neural
/// networks with Cutout" (2017). The centre lies anywhere in the image, so a part of the square may lie outside.
/// </summary>
public sealed class Cutout : IImageTransform
{
    private readonly int _size;
    private readonly float _fill;
    private readonly float _probability;

    /// <summary>Creates the transform for squares of a size.</summary>
    /// <param name="size">The side length, in pixels.</param>
    /// <param name="fill">The value of the blanked pixels; 0 is the mean colour of normalized images.</param>
    /// <param name="probability">The probability that an image gets a square, in [0, 1].</param>
    public Cutout(int size, float fill = 0, float probability = 1)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        (_size, _fill, _probability) = (size, fill, Probability.Checked(probability));
    }

    /// <inheritdoc/>
    public ImageShape OutputShape(ImageShape input) => input;

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<float> source, ImageShape shape, Span<float> target, ref SampleRandom random)
    {
        ImageSpans.Check(nameof(Cutout), source, shape, target, shape);
        source.CopyTo(target);
        if (!random.NextBoolean(_probability))
            return;
        var top = random.Next(shape.Height) - _size / 2;
        var left = random.Next(shape.Width) - _size / 2;
        var (firstRow, endRow) = (Math.Max(top, 0), (int)Math.Min((long)top + _size, shape.Height));
        var (first, end) = (Math.Max(left, 0), (int)Math.Min((long)left + _size, shape.Width));
        for (var channel = 0; channel < shape.Channels; channel++)
        {
            for (var y = firstRow; y < endRow; y++)
                target.Slice((channel * shape.Height + y) * shape.Width + first, end - first).Fill(_fill);
        }
    }
}
