// The size of a single image.

namespace TorchScratch.Data;

/// <summary>
/// The numbers of channels, rows and columns of an image, whose values are stored channel by channel, row by row.
/// </summary>
/// <param name="Channels">1 for grey, 3 for red, green and blue.</param>
/// <param name="Height">The number of rows.</param>
/// <param name="Width">The number of columns.</param>
public readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>The number of values in the image.</summary>
    /// <exception cref="OverflowException">The number exceeds the range of int.</exception>
    public int Count => checked(Channels * Height * Width);

    /// <summary>The number of values in one channel.</summary>
    public int PlaneCount => checked(Height * Width);

    /// <summary>As in <c>3 x 32 x 32</c>.</summary>
    public override string ToString() => $"{Channels} x {Height} x {Width}";

    internal void ThrowIfEmpty(string name)
    {
        if (Channels < 1 || Height < 1 || Width < 1)
            throw new ArgumentOutOfRangeException(name,
                $"an image needs at least one channel, one row and one column, got {this}");
    }
}
