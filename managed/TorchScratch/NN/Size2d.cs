// The height and width of a window, an image or a step.

namespace TorchScratch.NN;

/// <summary>A height and a width; one integer converts to both.</summary>
/// <param name="Height">The number of rows.</param>
/// <param name="Width">The number of columns.</param>
public readonly record struct Size2d(int Height, int Width)
{
    /// <summary>The same height and width.</summary>
    public static implicit operator Size2d(int size) => new(size, size);

    /// <summary>Height and width.</summary>
    public static implicit operator Size2d((int Height, int Width) size) => new(size.Height, size.Width);

    /// <summary>As PyTorch prints it: (3, 3).</summary>
    public override string ToString() => $"({Height}, {Width})";

    /// <summary>As PyTorch prints it where one number was given: 3.</summary>
    internal string ToShortString() => Height == Width ? $"{Height}" : ToString();

    internal long[] ToArray() => [Height, Width];

    internal IntList ToIntList() => (Height, Width);
}
