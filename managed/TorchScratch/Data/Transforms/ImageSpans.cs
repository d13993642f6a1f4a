// What every transform checks before it writes anything.

namespace TorchScratch.Data;

internal static class ImageSpans
{
    /// <summary>
    /// Throws unless the spans hold an image of <paramref name="shape"/> and one of <paramref name="output"/>.
    /// </summary>
    /// <exception cref="ArgumentException">
    /// A span has another length, or an image without values; the message names the transform.
    /// </exception>
    public static void Check(string transform, ReadOnlySpan<float> source, ImageShape shape, Span<float> target,
        ImageShape output)
    {
        if (shape.Channels < 1 || shape.Height < 1 || shape.Width < 1)
        {
            throw new ArgumentException($"{transform}: an image needs at least one channel, one row and one column, got " +
                $"{shape}", nameof(shape));
        }
        Check(transform, source.Length, shape, nameof(source));
        Check(transform, target.Length, output, nameof(target));
    }

    private static void Check(string transform, int length, ImageShape shape, string name)
    {
        // Three sizes can exceed 64 bits.
        var expected = (Int128)shape.Channels * shape.Height * shape.Width;
        if (length != expected)
            throw new ArgumentException($"{transform}: an image of {shape} has {expected} values, got {length}", name);
    }
}
