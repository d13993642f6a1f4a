// Three numbers that are mostly the same: layers, rows and columns of a window.

namespace TorchScratch.NN;

/// <summary>A number of layers, rows and columns; one integer stands for all.</summary>
/// <param name="Depth">Layers.</param>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct Size3d(int Depth, int Height, int Width)
{
    /// <summary>The same number of each.</summary>
    public static implicit operator Size3d(int size) => new(size, size, size);

    /// <summary>Layers, rows and columns.</summary>
    public static implicit operator Size3d((int Depth, int Height, int Width) size) =>
        new(size.Depth, size.Height, size.Width);

    /// <summary>As PyTorch prints it: (3, 3, 3).</summary>
    public override string ToString() => $"({Depth}, {Height}, {Width})";

    /// <summary>As PyTorch prints it where one number was given: 3.</summary>
    internal string ToShortString() => Depth == Height && Height == Width ? $"{Depth}" : ToString();

    internal long[] ToArray() => [Depth, Height, Width];

    internal Size3d AtLeast(int minimum) => Depth >= minimum && Height >= minimum && Width >= minimum
        ? this
        : throw new ArgumentException($"a size of {this}, expected at least {minimum} in each direction");
}
