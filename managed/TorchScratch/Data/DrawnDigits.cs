// A data set that needs neither files nor a network: digits drawn by the program.

namespace TorchScratch.Data;

/// <summary>
/// Synthetic handwritten digits of 28 x 28 pixels, like those of MNIST. Each digit has several styles of strokes, which
/// are bent, slanted, rotated and shifted and drawn with varying pen width, uneven ink and specks. They serve tests,
/// and examples that cannot download data. Each image depends on the seed and its index alone.
/// </summary>
public static class DrawnDigits
{
    /// <summary>Draws images of the digits 0 to 9 in random order, each about equally often.</summary>
    /// <param name="count">The number of images.</param>
    /// <param name="seed">The seed; another seed gives other images, for example for a test set.</param>
    /// <param name="normalization">
    /// How bytes are converted to numbers; <see cref="Normalization.Mnist"/> if not given.
    /// </param>
    public static ImageDataset Create(int count, ulong seed = 0, Normalization? normalization = null)
    {
        const int Pixels = DigitPen.Size * DigitPen.Size;
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Array.MaxLength / Pixels);
        var pixels = new byte[count * Pixels];
        var labels = new byte[count];
        Parallel.For(0, count, () => new DigitPen(), (i, _, pen) =>
        {
            var random = SplitMix64.ForPart(seed, (ulong)i);
            labels[i] = (byte)random.Next(10);
            pen.Draw(labels[i], ref random, pixels.AsSpan(i * Pixels, Pixels));
            return pen;
        }, _ => { });
        return new ImageDataset(pixels, labels, DigitPen.Size, DigitPen.Size, normalization ?? Normalization.Mnist);
    }
}
