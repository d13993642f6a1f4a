// svd, qr and eigh are determined only up to signs: the factors must be orthogonal and their product must be the
// matrix, while singular values and eigenvalues are compared. For gradients, the weights of the loss get the
// signs of our factors.

using TorchScratch.Conformance.Calls;

namespace TorchScratch.Conformance.Checks;

internal enum Factorization
{
    /// <summary>A = U diag(S) V'; outputs U, S, V.</summary>
    Svd,

    /// <summary>The same with outputs U, S, V'.</summary>
    SvdAdjoint,

    /// <summary>A = Q R.</summary>
    Qr,

    /// <summary>A = Q diag(L) Q'; outputs L, Q.</summary>
    EigH,
}

internal sealed class FactorizationRule(Factorization kind) : OutputRule
{
    /// <inheritdoc/>
    public override Tensor?[] Cotangents(OperatorCall call, Tensor[] actual, Tensor[] expected, Tensor?[] cotangents)
    {
        Tensor?[] result = [.. cotangents];
        for (var i = 0; i < result.Length; i++)
        {
            if (result[i] is { } weights && SignedDim(i) is { } dim)
                result[i] = WithSigns(weights, actual[i], expected[i], dim);
        }
        return result;
    }

    /// <inheritdoc/>
    protected override Verdict CheckValues(OperatorCall call, Tensor[] actual, Tensor[] expected) =>
        new(Difference(call, actual, expected));

    private string? Difference(OperatorCall call, Tensor[] actual, Tensor[] expected)
    {
        var a = Matrices.From((Tensor)call.Positional[0]!);
        switch (kind)
        {
            case Factorization.Qr:
                var (q, r) = (Matrices.From(actual[0]), Matrices.From(actual[1]));
                if (CheckTriangle(r) is { } triangle)
                    return triangle;
                // mode='r' returns no Q; then R'R must be A'A.
                return actual[0].ElementCount == 0 && a.Values.Length > 0
                    ? Close("R'R", r.Transposed() * r, a.Transposed() * a, actual[1].DType)
                    : Close("QR", q * r, a, actual[0].DType) ?? Orthogonal("Q", q, actual[0].DType);
            case Factorization.EigH:
                var vectors = Matrices.From(actual[1]);
                var symmetric = a.Mirrored(call.Argument(1, "UPLO", "L") is "U");
                var spectral = vectors.ScaledColumns(Elements.Doubles(actual[0])) * vectors.Transposed();
                return CheckOne(0, actual, expected) ?? Close("Q diag(L) Q'", spectral, symmetric, actual[1].DType) ??
                    Orthogonal("Q", vectors, actual[1].DType);
            default:
                var (u, v) = (Matrices.From(actual[0]), Matrices.From(actual[2]));
                v = kind == Factorization.Svd ? v.Transposed() : v;
                var rank = Math.Min(a.Rows, a.Columns);
                var scaled = u.Leading(u.Rows, rank).ScaledColumns(Elements.Doubles(actual[1]));
                var product = scaled * v.Leading(rank, v.Columns);
                return CheckOne(1, actual, expected) ?? Close("U diag(S) V'", product, a, actual[0].DType) ??
                    Orthogonal("U", u, actual[0].DType) ?? Orthogonal("V", v.Transposed(), actual[2].DType);
        }
    }

    // The dimension along which each vector may have either sign; null if signs are fixed.
    private int? SignedDim(int output) => (kind, output) switch
    {
        (Factorization.Svd, 0 or 2) or (Factorization.EigH, 1) => -1,
        (Factorization.SvdAdjoint or Factorization.Qr, 0) => -1,
        (Factorization.SvdAdjoint, 2) or (Factorization.Qr, 1) => -2,
        _ => null,
    };

    private static Tensor WithSigns(Tensor weights, Tensor actual, Tensor expected, int dim)
    {
        // A column is a lane along the row dimension.
        var lanes = new Lanes(expected.Shape, dim == -1 ? -2 : -1);
        var (ours, theirs, values) = (Elements.Doubles(actual), Elements.Doubles(expected), Elements.Doubles(weights));
        for (var lane = 0; lane < lanes.Count; lane++)
        {
            var product = lanes.Of(ours, lane).Zip(lanes.Of(theirs, lane), (x, y) => x * y).Sum();
            for (var i = 0; product < 0 && i < lanes.Length; i++)
                values[lanes.At(lane, i)] *= -1;
        }
        return Elements.ToTensor(values, weights);
    }

    private static string? Orthogonal(string name, Matrices q, DType dtype) =>
        Close($"{name}'{name}", q.Transposed() * q, Matrices.Identity(q.Batch, q.Columns), dtype);

    // A backward stable factorization is exact for a matrix that differs from A by about n eps ||A||, where n is the
    // length of the sums. This much is added to the tolerance of one value.
    private static string? Close(string name, Matrices product, Matrices expected, DType dtype)
    {
        var tolerance = Tolerance.OfOutput(dtype);
        var epsilon = dtype == DType.Float64 ? Math.ScaleB(1, -52) : Math.ScaleB(1, -23);
        var sums = epsilon * Math.Max(product.Rows, product.Columns) * expected.LargestMagnitude;
        return Comparison.Difference(product.Values, expected.Values, tolerance with { Absolute = tolerance.Absolute + sums })
            is { } difference ? $"{name}: {difference}" : null;
    }

    private static string? CheckTriangle(Matrices r)
    {
        for (var i = 0; i < r.Values.Length; i++)
        {
            if (i / r.Columns % r.Rows > i % r.Columns && r.Values[i] != 0)
                return $"R is not triangular: element {i} is {r.Values[i]}";
        }
        return null;
    }
}
