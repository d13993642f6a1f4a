// The interface of image transforms.

namespace TorchScratch.Data;

/// <summary>
/// A transform of one image, given as floats, channel by channel, row by row. Transforms are called from
/// several threads at once, so an implementation must not keep mutable state and must take all randomness
/// from the given stream.
/// </summary>
public interface IImageTransform
{
    /// <summary>The size of the result.</summary>
    /// <param name="input">The size of the image.</param>
    /// <exception cref="ShapeException">The transform does not support images of this size.</exception>
    ImageShape OutputShape(ImageShape input);

    /// <summary>Writes the transformed image.</summary>
    /// <param name="source">The image, which does not overlap the target.</param>
    /// <param name="shape">The size of the image.</param>
    /// <param name="target">
    /// Receives the result, of the size given by <see cref="OutputShape"/>. All values must be written.
    /// </param>
    /// <param name="random">The random numbers of this sample.</param>
    void Apply(ReadOnlySpan<float> source, ImageShape shape, Span<float> target, ref SampleRandom random);
}
