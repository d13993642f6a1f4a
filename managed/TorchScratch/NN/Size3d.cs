// The depth, height and width of a window, a volume or a step.

namespace TorchScratch.NN;

/// <summary>A depth, a height and a width; one integer converts to all three.</summary>
/// <param name="Depth">The number of layers.</param>
/// <param name="Height">The number of rows.</param>
/// <param name="Width">The number of columns.</param>
public readonly record struct Size3d(int Depth, int Height, int Width)
{
    /// <summary>The same depth, height and width.</summary>
    public static implicit operator Size3d(int size) => new(size, size, size);

    /// <summary>Depth, height and width.</summary>
    public static implicit operator Size3d((int Depth, int Height, int Width) size) =>
        new(size.Depth, size.Height, size.Width);

    /// <summary>As PyTorch prints it: (3, 3, 3).</summary>
    public override string ToString() => $"({Depth}, {Height}, {Width})";

    /// <summary>As PyTorch prints it where one number was given: 3.</summary>
    internal string ToShortString() => Depth == Height && Height == Width ? $"{Depth}" : ToString();

    internal long[] ToArray() => [Depth, Height, Width];

    internal IntList ToIntList() => (Depth, Height, Width);
}
