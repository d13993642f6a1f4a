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
}
