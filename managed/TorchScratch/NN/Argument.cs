// Checks of constructor arguments that several modules share. Each returns its argument, so that a property can be
// initialized with it.

using System.Runtime.CompilerServices;

namespace TorchScratch.NN;

internal static class Argument
{
    /// <exception cref="ArgumentException">The size is below the minimum.</exception>
    public static int AtLeast(int size, int minimum, [CallerArgumentExpression(nameof(size))] string? name = null) =>
        size >= minimum
            ? size
            : throw new ArgumentException($"the size must be at least {minimum}, got {size}", name);

    /// <exception cref="ArgumentException">A size is below the minimum.</exception>
    public static Size2d AtLeast(Size2d size, int minimum, [CallerArgumentExpression(nameof(size))] string? name = null) =>
        Math.Min(size.Height, size.Width) >= minimum ? size : throw TooSmall(minimum, $"{size}", name);

    /// <exception cref="ArgumentException">A size is below the minimum.</exception>
    public static Size3d AtLeast(Size3d size, int minimum, [CallerArgumentExpression(nameof(size))] string? name = null) =>
        Math.Min(size.Depth, Math.Min(size.Height, size.Width)) >= minimum ? size
            : throw TooSmall(minimum, $"{size}", name);

    /// <exception cref="ArgumentException">A size is below the minimum.</exception>
    public static long[] AtLeast(long[] sizes, long minimum, [CallerArgumentExpression(nameof(sizes))] string? name = null) =>
        sizes.All(size => size >= minimum) ? sizes : throw TooSmall(minimum, $"({string.Join(", ", sizes)})", name);

    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static int NotNegative(int value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value, name);
        return value;
    }

    /// <exception cref="ArgumentOutOfRangeException">The number is negative.</exception>
    public static double NotNegative(double value, [CallerArgumentExpression(nameof(value))] string? name = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value, name);
        return value;
    }

    /// <exception cref="ArgumentOutOfRangeException">The number is not in [0, 1].</exception>
    public static double Fraction(double value, [CallerArgumentExpression(nameof(value))] string? name = null) =>
        value is >= 0 and <= 1
            ? value
            : throw new ArgumentOutOfRangeException(name, value, "the fraction must be in [0, 1]");

    /// <exception cref="ArgumentOutOfRangeException">The number is not in [0, 1].</exception>
    public static double Probability(double p, [CallerArgumentExpression(nameof(p))] string? name = null) =>
        p is >= 0 and <= 1
            ? p
            : throw new ArgumentOutOfRangeException(name, p, "the probability must be in [0, 1]");

    private static ArgumentException TooSmall(long minimum, string sizes, string? name) =>
        new($"sizes must be at least {minimum}, got {sizes}", name);
}
