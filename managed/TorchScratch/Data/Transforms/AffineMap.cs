// Transforms an image by an affine map, with bilinear interpolation.

namespace TorchScratch.Data;

/// <summary>
/// The map from a position p' in the result to its source position M (p' - t), both relative to the
/// centre of the image.
/// </summary>
internal readonly record struct AffineMap(float Xx, float Xy, float Yx, float Yy, float ShiftX, float ShiftY)
{
    /// <summary>Fills the target, which has the same size as the source.</summary>
    public void Sample(ReadOnlySpan<float> source, ImageShape shape, Span<float> target, float fill)
    {
        var (height, width) = (shape.Height, shape.Width);
        var plane = shape.PlaneCount;
        var centreX = (width - 1) / 2f;
        var centreY = (height - 1) / 2f;
        for (var y = 0; y < height; y++)
        {
            for (var x = 0; x < width; x++)
            {
                var dx = x - centreX - ShiftX;
                var dy = y - centreY - ShiftY;
                var fromX = Xx * dx + Xy * dy + centreX;
                var fromY = Yx * dx + Yy * dy + centreY;
                var index = y * width + x;
                // The negated form also catches NaN, and the conversion to int stays in range.
                if (!(fromX > -1 && fromX < width && fromY > -1 && fromY < height))
                {
                    for (var channel = 0; channel < shape.Channels; channel++)
                        target[channel * plane + index] = fill;
                    continue;
                }
                var left = (int)MathF.Floor(fromX);
                var top = (int)MathF.Floor(fromY);
                var right = fromX - left;
                var low = fromY - top;
                if (left >= 0 && top >= 0 && left + 1 < width && top + 1 < height)
                    SampleInside(source[(top * width + left)..], target[index..], shape, right, low);
                else
                    SampleBorder(source, target[index..], shape, left, top, right, low, fill);
            }
        }
    }

    private static void SampleInside(ReadOnlySpan<float> source, Span<float> target, ImageShape shape, float right,
        float low)
    {
        var (plane, width) = (shape.PlaneCount, shape.Width);
        for (var channel = 0; channel < shape.Channels; channel++)
        {
            var at = channel * plane;
            var above = source[at] + right * (source[at + 1] - source[at]);
            var below = source[at + width] + right * (source[at + width + 1] - source[at + width]);
            target[at] = above + low * (below - above);
        }
    }

    private static void SampleBorder(ReadOnlySpan<float> source, Span<float> target, ImageShape shape, int left,
        int top, float right, float low, float fill)
    {
        for (var channel = 0; channel < shape.Channels; channel++)
        {
            var above = (1 - right) * Value(source, shape, channel, top, left, fill)
                + right * Value(source, shape, channel, top, left + 1, fill);
            var below = (1 - right) * Value(source, shape, channel, top + 1, left, fill)
                + right * Value(source, shape, channel, top + 1, left + 1, fill);
            target[channel * shape.PlaneCount] = (1 - low) * above + low * below;
        }
    }

    private static float Value(ReadOnlySpan<float> source, ImageShape shape, int channel, int y, int x, float fill) =>
        (uint)y < (uint)shape.Height && (uint)x < (uint)shape.Width
            ? source[(channel * shape.Height + y) * shape.Width + x]
            : fill;
}
