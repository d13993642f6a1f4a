// A data set that needs no file and no network: digits that the program writes itself.

namespace TorchScratch.Data;

/// <summary>
/// Handwriting-like digits, 28 x 28 like MNIST's: strokes in several hands for each digit, bent, slanted, turned,
/// shifted, with pens of different width, uneven ink and specks. For tests, and for examples without a network. Each
/// image follows from the seed and its number alone.
/// </summary>
public static class DrawnDigits
{
    /// <summary>Draws images of the digits 0 to 9, all about equally often, in random order.</summary>
    /// <param name="count">How many.</param>
    /// <param name="seed">Which ones; another seed gives other images, as for a held-out part.</param>
    /// <param name="normalization">How bytes become numbers; <see cref="Normalization.Mnist"/> if not given.</param>
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
