// What a codec makes of a file.

namespace TorchScratch.Images;

/// <summary>Pixels of an image: red, green and blue bytes, pixel by pixel, row by row, without gaps.</summary>
public sealed class DecodedImage
{
    /// <summary>An image over an array, which it keeps.</summary>
    /// <param name="width">Pixels of a row.</param>
    /// <param name="height">Rows.</param>
    /// <param name="rgb">3 x width x height bytes.</param>
    /// <exception cref="ArgumentException">The array has another length.</exception>
    public DecodedImage(int width, int height, byte[] rgb)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(width, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(height, 1);
        ArgumentNullException.ThrowIfNull(rgb);
        if (rgb.Length != 3L * width * height)
            throw new ArgumentException($"{width} x {height} pixels need {3L * width * height} bytes, got {rgb.Length}", nameof(rgb));
        (Width, Height, Rgb) = (width, height, rgb);
    }

    /// <summary>Pixels of a row.</summary>
    public int Width { get; }

    /// <summary>Rows.</summary>
    public int Height { get; }

    /// <summary>The bytes.</summary>
    internal byte[] Rgb { get; }
}
