// The size of an image, without its batch.

namespace TorchScratch.Data;

/// <summary>Channels, rows and columns of an image whose values lie channel by channel, row by row.</summary>
/// <param name="Channels">1 for grey, 3 for red, green and blue.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Values of a row.</param>
public readonly record struct ImageShape(int Channels, int Height, int Width)
{
    /// <summary>Values of the whole image.</summary>
    /// <exception cref="OverflowException">They are more than an array can have.</exception>
    public int Count => checked(Channels * Height * Width);

    /// <summary>Values of one channel.</summary>
    public int PlaneCount => checked(Height * Width);

    /// <summary>As in <c>3 x 32 x 32</c>.</summary>
    public override string ToString() => $"{Channels} x {Height} x {Width}";

    internal void ThrowIfEmpty(string name)
    {
        if (Channels < 1 || Height < 1 || Width < 1)
            throw new ArgumentOutOfRangeException(name, $"an image needs a channel, a row and a column at least, got {this}");
    }
}
