// Sums of products in float32. If large terms cancel, two orders of summation may differ by more than the tolerance of
// one value, depending on the terms. The rounding errors of n additions, each at most eps/2 of a partial sum and of
// either sign, add up to about eps sqrt(n) times the sum of the magnitudes of the terms. The operator itself computes
// both factors in float64: applied to magnitudes it returns their sum, and applied to ones the number of terms.

using TorchScratch.Conformance.Calls;

namespace TorchScratch.Conformance.Checks;

internal sealed class SumRule : OutputRule
{
    /// <summary>Operators whose outputs are sums of products of the elements of their tensors.</summary>
    public static readonly HashSet<string> Operators =
    [
        "addbmm", "addmm", "addmv", "baddbmm", "bilinear", "bmm", "conv1d", "conv2d", "conv3d", "conv_transpose1d",
        "conv_transpose2d", "conv_transpose3d", "cumsum", "dot", "einsum", "inner", "linear", "matmul", "mm", "mv", "sum",
        "tensordot", "vdot",
    ];

    private const float Epsilon = 1.1920929e-7f;

    /// <inheritdoc/>
    protected override Verdict CheckValues(OperatorCall call, Tensor[] actual, Tensor[] expected)
    {
        var verdict = base.CheckValues(call, actual, expected);
        if (verdict.Difference is null || actual is not [{ DType: DType.Float32 } output])
            return verdict;
        var magnitudes = Sums(call, tensor => tensor.Abs(), Math.Abs);
        var lengths = Sums(call, tensor => Tensor.OnesLike(tensor), _ => 1);
        if (magnitudes is null || lengths is null)
            return verdict;
        var bounds = new double[magnitudes.Length];
        for (var i = 0; i < bounds.Length; i++)
            bounds[i] = Epsilon * Math.Sqrt(lengths[i]) * magnitudes[i];
        return Comparison.Difference(Elements.Doubles(output), Elements.Doubles(expected[0]),
            Tolerance.OfOutput(DType.Float32), bounds) is { } difference
            ? new($"output 0 {difference}")
            : new(null, string.Create(CultureInfo.InvariantCulture,
                $"within eps sqrt(n) sum|terms| for sums of n = {lengths.Max()}: {verdict.Difference}"));
    }

    // The same call with other elements; alpha and beta are factors of the terms.
    private static double[]? Sums(OperatorCall call, Func<Tensor, Tensor> elements, Func<double, double> factor)
    {
        var sums = call with
        {
            Positional = Array.ConvertAll(call.Positional, Replaced),
            Keywords = call.Keywords.ToDictionary(pair => pair.Key, pair => pair.Key is "alpha" or "beta"
                ? factor(Convert.ToDouble(pair.Value, CultureInfo.InvariantCulture))
                : Replaced(pair.Value)),
        };
        return Binder.Bind(sums)?.Invoke() is Tensor result ? Elements.Doubles(result) : null;

        object? Replaced(object? value) => value switch
        {
            Tensor { DType.IsFloatingPoint: true } tensor => elements(tensor.Detach().To(DType.Float64)),
            object?[] list => Array.ConvertAll(list, Replaced),
            _ => value,
        };
    }
}
