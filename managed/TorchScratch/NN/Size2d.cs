// Two numbers that are mostly the same: rows and columns of a window.

using System.Runtime.CompilerServices;

namespace TorchScratch.NN;

/// <summary>A number of rows and of columns; one integer stands for both.</summary>
/// <param name="Height">Rows.</param>
/// <param name="Width">Columns.</param>
public readonly record struct Size2d(int Height, int Width)
{
    /// <summary>The same number of rows and columns.</summary>
    public static implicit operator Size2d(int size) => new(size, size);

    /// <summary>Rows and columns.</summary>
    public static implicit operator Size2d((int Height, int Width) size) => new(size.Height, size.Width);

    /// <summary>As PyTorch prints it: (3, 3).</summary>
    public override string ToString() => $"({Height}, {Width})";

    /// <summary>As PyTorch prints it where one number was given: 3.</summary>
    internal string ToShortString() => Height == Width ? $"{Height}" : ToString();

    internal Size2d AtLeast(int minimum, [CallerArgumentExpression(nameof(minimum))] string? limit = null) =>
        Height >= minimum && Width >= minimum
            ? this
            : throw new ArgumentException($"a size of {this}, expected at least {limit} in each direction");
}
