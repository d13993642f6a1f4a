// The pixels that a codec decoded from a file.

namespace TorchScratch.Images;

/// <summary>A decoded image: red, green and blue bytes, pixel by pixel, row by row, without padding.</summary>
public sealed class DecodedImage
{
    /// <summary>An image over an array, which is not copied.</summary>
    /// <param name="width">Pixels in a row.</param>
    /// <param name="height">Number of rows.</param>
    /// <param name="rgb">The 3 x width x height bytes.</param>
    /// <exception cref="ArgumentException">The array does not have this length.</exception>
    public DecodedImage(int width, int height, byte[] rgb)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentNullException.ThrowIfNull(rgb);
        if (rgb.Length != 3L * width * height)
            throw new ArgumentException($"{width} x {height} pixels need {3L * width * height} bytes, got {rgb.Length}",
                nameof(rgb));
        (Width, Height, Rgb) = (width, height, rgb);
    }

    /// <summary>Pixels in a row.</summary>
    public int Width { get; }

    /// <summary>Number of rows.</summary>
    public int Height { get; }

    /// <summary>The bytes, as in the constructor.</summary>
    internal byte[] Rgb { get; }
}
