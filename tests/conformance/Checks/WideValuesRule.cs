// Values in float32 whose samples may have errors beyond the tolerance. Normalizations divide by a standard deviation
// that may be small compared with the values, which amplifies the rounding error of the mean; PyTorch's polygamma of
// negative numbers takes the sine of pi x, which keeps few digits of the distance from a pole. If we and the sample
// disagree, the same operator in float64 decides (its own samples are exact to 1e-7): our value passes if it is closer to
// the result in float64 than the sample.

using TorchScratch.Conformance.Calls;

namespace TorchScratch.Conformance.Checks;

internal sealed class WideValuesRule : OutputRule
{
    public static readonly HashSet<string> Operators = ["batch_norm", "group_norm", "instance_norm", "layer_norm", "polygamma"];

    /// <inheritdoc/>
    protected override Verdict CheckValues(OperatorCall call, Tensor[] actual, Tensor[] expected)
    {
        var verdict = base.CheckValues(call, actual, expected);
        if (verdict.Difference is null || actual is not [{ DType: DType.Float32 } output])
            return verdict;
        var wide = call with
        {
            Positional = Array.ConvertAll(call.Positional, Widened),
            Keywords = call.Keywords.ToDictionary(pair => pair.Key, pair => Widened(pair.Value)),
        };
        if (Binder.Bind(wide)?.Invoke() is not Tensor exact)
            return verdict;
        var (ours, sample, truth) = (Elements.Doubles(output), Elements.Doubles(expected[0]), Elements.Doubles(exact));
        var bounds = new double[truth.Length];
        for (var i = 0; i < bounds.Length; i++)
            bounds[i] = Math.Abs(sample[i] - truth[i]);
        return Comparison.Difference(ours, truth, Tolerance.OfOutput(DType.Float32), bounds) is { } difference
            ? new($"output 0 {difference} (float64)")
            : new(null, $"closer to float64 than the sample: {verdict.Difference}");
    }

    private static object? Widened(object? value) =>
        value is Tensor { DType: DType.Float32 } tensor ? tensor.Detach().To(DType.Float64) : value;
}
