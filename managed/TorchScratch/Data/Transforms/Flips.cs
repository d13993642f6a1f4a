// Random mirror images.

namespace TorchScratch.Data;

/// <summary>Flips images horizontally with a probability.</summary>
public sealed class RandomHorizontalFlip : IImageTransform
{
    private readonly float _probability;

    /// <summary>Creates the transform with a probability in [0, 1].</summary>
    public RandomHorizontalFlip(float probability = 0.5f) => _probability = Probability.Checked(probability);

    /// <inheritdoc/>
    public ImageShape OutputShape(ImageShape input) => input;

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<float> source, ImageShape shape, Span<float> target, ref SampleRandom random)
    {
        ImageSpans.Check(nameof(RandomHorizontalFlip), source, shape, target, shape);
        source.CopyTo(target);
        if (!random.NextBoolean(_probability))
            return;
        for (var row = 0; row < shape.Channels * shape.Height; row++)
            target.Slice(row * shape.Width, shape.Width).Reverse();
    }
}

/// <summary>Flips images vertically with a probability.</summary>
public sealed class RandomVerticalFlip : IImageTransform
{
    private readonly float _probability;

    /// <summary>Creates the transform with a probability in [0, 1].</summary>
    public RandomVerticalFlip(float probability = 0.5f) => _probability = Probability.Checked(probability);

    /// <inheritdoc/>
    public ImageShape OutputShape(ImageShape input) => input;

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<float> source, ImageShape shape, Span<float> target, ref SampleRandom random)
    {
        ImageSpans.Check(nameof(RandomVerticalFlip), source, shape, target, shape);
        if (!random.NextBoolean(_probability))
        {
            source.CopyTo(target);
            return;
        }
        for (var channel = 0; channel < shape.Channels; channel++)
        {
            for (var y = 0; y < shape.Height; y++)
            {
                source.Slice((channel * shape.Height + y) * shape.Width, shape.Width)
                    .CopyTo(target[((channel * shape.Height + shape.Height - 1 - y) * shape.Width)..]);
            }
        }
    }
}

internal static class Probability
{
    public static float Checked(float probability) => probability is >= 0 and <= 1
        ? probability
        : throw new ArgumentOutOfRangeException(nameof(probability), probability, "must be in [0, 1]");
}
