// Arrays and sequences of integers as the spans and lists that operators take.

using System.Runtime.CompilerServices;

namespace TorchScratch;

internal static class NumberSequence
{
    /// <summary>The integers of an array, without a copy.</summary>
    internal static ReadOnlySpan<long> Span(long[] values,
        [CallerArgumentExpression(nameof(values))] string? argument = null)
    {
        ArgumentNullException.ThrowIfNull(values, argument);
        return values;
    }

    /// <summary>A copy of the integers.</summary>
    internal static long[] Copy(IEnumerable<int> values,
        [CallerArgumentExpression(nameof(values))] string? argument = null)
    {
        ArgumentNullException.ThrowIfNull(values, argument);
        return [.. values.Select(value => (long)value)];
    }
}
