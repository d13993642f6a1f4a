// Compares two tensors: type, shape, then values.

namespace TorchScratch.Conformance.Checks;

internal static class Comparison
{
    /// <summary>The difference in words; null if there is none.</summary>
    public static string? Difference(Tensor actual, Tensor expected, Tolerance tolerance)
    {
        if (KindDifference(actual, expected) is { } kind)
            return kind;
        return expected.DType.IsFloatingPoint
            ? Difference(Elements.Doubles(actual), Elements.Doubles(expected), tolerance)
            : Difference(Elements.Longs(actual), Elements.Longs(expected));
    }

    /// <summary>How element types or shapes differ; null if they do not.</summary>
    public static string? KindDifference(Tensor actual, Tensor expected)
    {
        if (actual.DType != expected.DType)
            return $"is {actual.DType.Name} instead of {expected.DType.Name}";
        return actual.Shape.SequenceEqual(expected.Shape)
            ? null
            : $"has shape {ShapeText(actual)} instead of {ShapeText(expected)}";
    }

    /// <summary>How values differ by more than the tolerance; NaN equals NaN.</summary>
    /// <param name="actual">Ours.</param>
    /// <param name="expected">PyTorch's.</param>
    /// <param name="tolerance">For all elements.</param>
    /// <param name="bounds">Larger tolerances for single elements; null for none.</param>
    public static string? Difference(double[] actual, double[] expected, Tolerance tolerance, double[]? bounds = null)
    {
        var (count, worst, worstRatio) = (0, -1, 0.0);
        for (var i = 0; i < expected.Length; i++)
        {
            if (IsClose(actual[i], expected[i], Allowed(i)))
                continue;
            count++;
            var ratio = Math.Abs(actual[i] - expected[i]) / Allowed(i);
            // A NaN or an infinity on one side counts as the largest difference.
            if (double.IsNaN(ratio))
                ratio = double.PositiveInfinity;
            if (worst < 0 || ratio > worstRatio)
                (worst, worstRatio) = (i, ratio);
        }
        if (count == 0)
            return null;
        var (ours, theirs) = (actual[worst], expected[worst]);
        return string.Create(CultureInfo.InvariantCulture,
            $"{count} of {expected.Length} elements differ, most at {worst}: {ours:R} instead of {theirs:R}, " +
            $"off by {Math.Abs(ours - theirs):G3} where {Allowed(worst):G3} is allowed");

        double Allowed(int i) => Math.Max(tolerance.At(expected[i]), bounds is null ? 0 : bounds[i]);
    }

    private static string? Difference(long[] actual, long[] expected)
    {
        var first = -1;
        var count = 0;
        for (var i = 0; i < expected.Length; i++)
        {
            if (actual[i] == expected[i])
                continue;
            first = first < 0 ? i : first;
            count++;
        }
        return count == 0
            ? null
            : $"{count} of {expected.Length} elements differ, first at {first}: " +
                $"{actual[first]} instead of {expected[first]}";
    }

    // Equals treats NaN as equal to NaN, == treats 0 as equal to -0.
    private static bool IsClose(double actual, double expected, double allowed) =>
        actual.Equals(expected) || actual == expected ||
        double.IsFinite(actual) && double.IsFinite(expected) && Math.Abs(actual - expected) <= allowed;

    private static string ShapeText(Tensor tensor) => $"[{string.Join(", ", tensor.Shape.ToArray())}]";
}
