// Gradients in float32 that are differences of nearly equal terms: both a sample and our value can have errors beyond
// the tolerance. If the two disagree, the same call in float64 decides (its own samples are exact to 1e-7): our
// gradient passes if it is within the tolerance of the result in float64, or closer to it than the sample.

using TorchScratch.Conformance.Calls;

namespace TorchScratch.Conformance.Checks;

internal sealed class WideGradients
{
    // Besides those of WideValuesRule: factorizations divide by the gaps between eigenvalues or singular values, the
    // weights of bicubic sampling have both signs, and the derivative of digamma is a polygamma.
    private static readonly HashSet<string> Operators =
        [.. WideValuesRule.Operators, "digamma", "grid_sample", "linalg_eigh", "linalg_qr", "linalg_svd", "qr", "svd"];

    private readonly Dictionary<Tensor, Tensor> _leaves = [];

    /// <summary>
    /// Runs the call and its backward pass in float64; null for operators whose samples must match exactly.
    /// </summary>
    public static WideGradients? Of(OperatorCall call, OutputRule rule, Tensor[] expected, Tensor?[] weights)
    {
        if (!Operators.Contains(call.Operator))
            return null;
        var gradients = new WideGradients();
        var wide = call with
        {
            Positional = Array.ConvertAll(call.Positional, gradients.Widened),
            Keywords = call.Keywords.ToDictionary(pair => pair.Key, pair => gradients.Widened(pair.Value)),
        };
        if (Binder.Bind(wide)?.Invoke() is not { } result)
            return null;
        Tensor[] outputs = [.. OperatorRunner.Flattened(result)];
        weights = rule.Cotangents(wide, outputs, Array.ConvertAll(expected, ToDouble),
            Array.ConvertAll(weights, weight => weight is null ? null : ToDouble(weight)));
        int[] used = [.. Enumerable.Range(0, outputs.Length).Where(i => weights[i] is not null && outputs[i].RequiresGrad)];
        Autograd.Backward(Array.ConvertAll(used, i => outputs[i]), Array.ConvertAll(used, i => weights[i]));
        return gradients;
    }

    /// <summary>The difference of our gradient of a leaf, judged as described above; null if it passes.</summary>
    public string? Difference(Tensor leaf, Tensor actual, Tensor sample)
    {
        if (actual.DType != DType.Float32 || Comparison.KindDifference(actual, sample) is not null ||
            !_leaves.TryGetValue(leaf, out var wide) || wide.Grad is not { } exact)
            return "has no counterpart in float64";
        var (truth, theirs) = (Elements.Doubles(exact), Elements.Doubles(sample));
        var bounds = truth.Zip(theirs, (x, y) => Math.Abs(x - y)).ToArray();
        return Comparison.Difference(Elements.Doubles(actual), truth, Tolerance.OfGradient(DType.Float32), bounds);
    }

    private object? Widened(object? value)
    {
        if (value is object?[] list)
            return Array.ConvertAll(list, Widened);
        if (value is not Tensor { DType: DType.Float32 } tensor)
            return value;
        var wide = ToDouble(tensor);
        if (tensor.RequiresGrad)
            _leaves[tensor] = wide.RequiresGrad_();
        return wide;
    }

    private static Tensor ToDouble(Tensor tensor) =>
        tensor.DType == DType.Float32 ? tensor.Detach().To(DType.Float64) : tensor;
}
