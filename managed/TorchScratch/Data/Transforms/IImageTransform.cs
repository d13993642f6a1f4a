// What changes an image on its way from the data set to the batch.

namespace TorchScratch.Data;

/// <summary>
/// A change of one image. Its values are floats, channel by channel, row by row. Used from several threads at once, so an
/// implementation keeps no state; all its randomness comes from the stream that it is given.
/// </summary>
public interface IImageTransform
{
    /// <summary>The size of the result.</summary>
    /// <param name="input">The size of the image.</param>
    /// <exception cref="ShapeException">The transform does not take images of this size.</exception>
    ImageShape OutputShape(ImageShape input);

    /// <summary>Writes the changed image.</summary>
    /// <param name="source">The image; it does not overlap the result.</param>
    /// <param name="shape">The size of the image.</param>
    /// <param name="target">Takes the result: as many values as <see cref="OutputShape"/> says, all of them written.</param>
    /// <param name="random">The random numbers of this sample.</param>
    void Apply(ReadOnlySpan<float> source, ImageShape shape, Span<float> target, ref SampleRandom random);
}
