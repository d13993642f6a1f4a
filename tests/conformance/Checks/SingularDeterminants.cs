// The gradient of a determinant that is exactly 0. PyTorch 1.13 multiplies the determinant into the solution of a
// linear system and so returns zeros. The true gradient is the matrix of cofactors, which is 0 only if the rank
// is at most n - 2. If the gradient of a matrix in a sample is all zeros, ours is compared with cofactors
// computed from minors.

namespace TorchScratch.Conformance.Checks;

internal static class SingularDeterminants
{
    public static readonly HashSet<string> Operators = ["det", "linalg_det"];

    // The Laplace expansion takes n! products.
    private const int LargestOrder = 7;

    /// <summary>The difference of our gradient from the cofactors; null if there is none.</summary>
    /// <param name="matrices">The operand.</param>
    /// <param name="weights">The weights of the loss, one for each matrix.</param>
    /// <param name="actual">Our gradient.</param>
    /// <param name="sample">PyTorch's.</param>
    public static string? Difference(Tensor matrices, Tensor weights, Tensor actual, Tensor sample)
    {
        var order = (int)matrices.Shape[^1];
        if (order is 0 or > LargestOrder || Comparison.KindDifference(actual, sample) is not null)
            return "is not compared with minors";
        var (a, w, expected) = (Elements.Doubles(matrices), Elements.Doubles(weights), Elements.Doubles(sample));
        var size = order * order;
        for (var m = 0; m < w.Length; m++)
        {
            if (Array.Exists(expected[(m * size)..((m + 1) * size)], value => value != 0))
                continue;
            var rows = Enumerable.Range(0, order).Select(i => a[(m * size + i * order)..(m * size + (i + 1) * order)]).ToArray();
            for (var i = 0; i < size; i++)
            {
                var (row, column) = (i / order, i % order);
                expected[m * size + i] = w[m] * ((row + column) % 2 == 0 ? 1 : -1) * Determinant(Without(rows, row, column));
            }
        }
        return Comparison.Difference(Elements.Doubles(actual), expected, Tolerance.OfGradient(sample.DType));
    }

    private static double[][] Without(double[][] rows, int row, int column) =>
        [.. rows.Where((_, i) => i != row).Select(values => values.Where((_, j) => j != column).ToArray())];

    private static double Determinant(double[][] rows)
    {
        if (rows.Length == 0)
            return 1;
        var sum = 0.0;
        for (var j = 0; j < rows.Length; j++)
            sum += (j % 2 == 0 ? 1 : -1) * rows[0][j] * Determinant(Without(rows, 0, j));
        return sum;
    }
}
