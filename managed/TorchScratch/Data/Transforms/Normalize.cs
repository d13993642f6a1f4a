// Scales values to mean 0 and standard deviation 1.

using System.Numerics.Tensors;

namespace TorchScratch.Data;

/// <summary>
/// Maps each value v of a channel to (v - mean) / std. Data sets of bytes do this when they convert,
/// with <see cref="Normalization"/>; this transform is for images that are already floats, or for a
/// later step of a sequence.
/// </summary>
public sealed class Normalize : IImageTransform
{
    private readonly float[] _means;
    private readonly float[] _deviations;

    /// <summary>
    /// Creates the transform with a mean and a standard deviation for each channel, or one of each for all.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// The numbers of means and deviations differ or are 0, or a deviation is not positive and finite.
    /// </exception>
    public Normalize(ReadOnlySpan<float> means, ReadOnlySpan<float> deviations)
    {
        if (means.Length == 0 || means.Length != deviations.Length)
        {
            throw new ArgumentException($"expected equal numbers of means and standard deviations, at least one; got " +
                $"{means.Length} and {deviations.Length}", nameof(means));
        }
        foreach (var deviation in deviations)
        {
            if (!(deviation > 0) || !float.IsFinite(deviation))
                throw new ArgumentException($"a standard deviation must be positive and finite, got {deviation}",
                    nameof(deviations));
        }
        (_means, _deviations) = (means.ToArray(), deviations.ToArray());
    }

    /// <inheritdoc/>
    public ImageShape OutputShape(ImageShape input) => _means.Length == 1 || _means.Length == input.Channels
        ? input
        : throw new ShapeException($"Normalize: there are means for {_means.Length} channels, got an image of {input}");

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<float> source, ImageShape shape, Span<float> target, ref SampleRandom random)
    {
        ImageSpans.Check(nameof(Normalize), source, shape, target, OutputShape(shape));
        var plane = shape.PlaneCount;
        for (var channel = 0; channel < shape.Channels; channel++)
        {
            var from = Math.Min(channel, _means.Length - 1);
            var values = target.Slice(channel * plane, plane);
            TensorPrimitives.Subtract(source.Slice(channel * plane, plane), _means[from], values);
            TensorPrimitives.Divide(values, _deviations[from], values);
        }
    }
}
