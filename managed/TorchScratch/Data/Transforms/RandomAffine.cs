// Random rotation, translation, scaling and shear.

namespace TorchScratch.Data;

/// <summary>
/// Rotates, translates, scales and shears the image about its centre by uniformly distributed random amounts, with
/// bilinear interpolation. Pixels from outside the image have the fill value.
/// </summary>
public sealed class RandomAffine : IImageTransform
{
    private readonly float _fill;

    /// <summary>Creates the transform; amounts that are not given leave the image unchanged.</summary>
    /// <param name="degrees">The largest rotation in either direction, in degrees, from 0 to 180.</param>
    /// <param name="translate">The largest translation in either direction, as a fraction of width and height.</param>
    /// <param name="minScale">The smallest scale factor.</param>
    /// <param name="maxScale">The largest scale factor.</param>
    /// <param name="shear">The largest shear in either direction, in degrees, from 0 to 89.</param>
    /// <param name="fill">The value of pixels from outside; 0 is the mean colour of normalized images.</param>
    public RandomAffine(float degrees = 0, float translate = 0, float minScale = 1, float maxScale = 1, float shear = 0,
        float fill = 0)
    {
        ThrowUnlessIn(degrees, 0, 180, nameof(degrees));
        ThrowUnlessIn(translate, 0, 1, nameof(translate));
        ThrowUnlessIn(minScale, 1e-3f, 1e3f, nameof(minScale));
        ThrowUnlessIn(maxScale, minScale, 1e3f, nameof(maxScale));
        ThrowUnlessIn(shear, 0, 89, nameof(shear));
        (Degrees, Translate, MinScale, MaxScale, Shear, _fill) = (degrees, translate, minScale, maxScale, shear, fill);
    }

    /// <summary>The largest rotation in either direction, in degrees.</summary>
    public float Degrees { get; }

    /// <summary>The largest translation in either direction, as a fraction of width and height.</summary>
    public float Translate { get; }

    /// <summary>The smallest scale factor.</summary>
    public float MinScale { get; }

    /// <summary>The largest scale factor.</summary>
    public float MaxScale { get; }

    /// <summary>The largest shear in either direction, in degrees.</summary>
    public float Shear { get; }

    /// <inheritdoc/>
    public ImageShape OutputShape(ImageShape input) => input;

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<float> source, ImageShape shape, Span<float> target, ref SampleRandom random)
    {
        ImageSpans.Check(nameof(RandomAffine), source, shape, target, shape);
        var angle = random.NextSingle(-Degrees, Degrees) * (MathF.PI / 180);
        var shiftX = random.NextSingle(-Translate, Translate) * shape.Width;
        var shiftY = random.NextSingle(-Translate, Translate) * shape.Height;
        var scale = random.NextSingle(MinScale, MaxScale);
        var slant = MathF.Tan(random.NextSingle(-Shear, Shear) * (MathF.PI / 180));
        var (sine, cosine) = MathF.SinCos(angle);

        // The map is p' = s R S p + t with R = [c -s; s c] and S = [1 k; 0 1]. Sampling needs its inverse,
        // p = S^-1 R^T (p' - t) / s.
        var map = new AffineMap(
            (cosine + slant * sine) / scale, (sine - slant * cosine) / scale,
            -sine / scale, cosine / scale, shiftX, shiftY);
        map.Sample(source, shape, target, _fill);
    }

    private static void ThrowUnlessIn(float value, float low, float high, string name)
    {
        if (!(value >= low && value <= high))
            throw new ArgumentOutOfRangeException(name, value, $"expected {low} to {high}");
    }
}
