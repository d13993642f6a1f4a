// Values to mean 0 and standard deviation 1.

using System.Numerics.Tensors;

namespace TorchScratch.Data;

/// <summary>
/// Maps each value v of a channel to (v - mean) / std. Data sets of bytes do this as they convert, with
/// <see cref="Normalization"/>; this one is for images that are floats already, or for a place further down a chain.
/// </summary>
public sealed class Normalize : IImageTransform
{
    private readonly float[] _means;
    private readonly float[] _deviations;

    /// <summary>A mean and a standard deviation for each channel, or one of each for all.</summary>
    /// <exception cref="ArgumentException">There is none, or not as many of one as of the other, or a deviation of 0.</exception>
    public Normalize(ReadOnlySpan<float> means, ReadOnlySpan<float> deviations)
    {
        if (means.Length == 0 || means.Length != deviations.Length)
        {
            throw new ArgumentException($"needs as many means as standard deviations, and one at least; got {means.Length} " +
                $"and {deviations.Length}", nameof(means));
        }
        foreach (var deviation in deviations)
        {
            if (!(deviation > 0) || !float.IsFinite(deviation))
                throw new ArgumentException($"a standard deviation is positive and finite, got {deviation}", nameof(deviations));
        }
        (_means, _deviations) = (means.ToArray(), deviations.ToArray());
    }

    /// <inheritdoc/>
    public ImageShape OutputShape(ImageShape input) => _means.Length == 1 || _means.Length == input.Channels
        ? input
        : throw new ShapeException($"Normalize: has means for {_means.Length} channels, got an image of {input}");

    /// <inheritdoc/>
    public void Apply(ReadOnlySpan<float> source, ImageShape shape, Span<float> target, ref SampleRandom random)
    {
        OutputShape(shape);
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
