// unique guarantees the set of values, and their order if sorted; inverse and counts must match the values.

using TorchScratch.Conformance.Calls;

namespace TorchScratch.Conformance.Checks;

internal sealed class UniqueRule : OutputRule
{
    /// <inheritdoc/>
    protected override Verdict CheckValues(OperatorCall call, Tensor[] actual, Tensor[] expected) =>
        new(Difference(call, actual, expected));

    private static string? Difference(OperatorCall call, Tensor[] actual, Tensor[] expected)
    {
        // Along a dimension PyTorch always sorts.
        var dim = call.Argument(4, "dim") as long?;
        var sorted = dim is not null || call.Argument(1, "sorted", true) is not false;
        var (rows, promised) = (Rows(actual[0], dim), Rows(expected[0], dim));
        var order = sorted ? [.. Enumerable.Range(0, rows.Length)] : Order(rows);
        var promisedOrder = sorted ? order : Order(promised);
        for (var i = 0; i < rows.Length; i++)
        {
            if (!rows[order[i]].SequenceEqual(promised[promisedOrder[i]]))
                return $"value {i} is {Text(rows[order[i]])} instead of {Text(promised[promisedOrder[i]])}";
        }

        var output = 1;
        if (call.Argument(2, "return_inverse") is true)
        {
            var (inverse, sampleInverse) = (Elements.Longs(actual[output]), Elements.Longs(expected[output]));
            for (var i = 0; i < inverse.Length; i++)
            {
                if (inverse[i] < 0 || inverse[i] >= rows.Length || !rows[inverse[i]].SequenceEqual(promised[sampleInverse[i]]))
                    return $"the inverse of element {i} is {inverse[i]}, which is another value";
            }
            output++;
        }
        if (call.Argument(3, "return_counts") is true)
        {
            var (counts, known) = (Elements.Longs(actual[output]), Elements.Longs(expected[output]));
            for (var i = 0; i < counts.Length; i++)
            {
                if (counts[order[i]] != known[promisedOrder[i]])
                    return $"{Text(rows[order[i]])} is counted {counts[order[i]]} times instead of {known[promisedOrder[i]]}";
            }
        }
        return null;
    }

    // The slices along dim, or the elements if dim is null.
    private static double[][] Rows(Tensor tensor, long? dim)
    {
        var values = Elements.Doubles(tensor);
        if (dim is null)
            return Array.ConvertAll(values, value => new[] { value });
        var lanes = new Lanes(tensor.Shape, dim.Value);
        var rows = new double[lanes.Length][];
        for (var i = 0; i < rows.Length; i++)
        {
            rows[i] = new double[lanes.Count];
            for (var lane = 0; lane < lanes.Count; lane++)
                rows[i][lane] = values[lanes.At(lane, i)];
        }
        return rows;
    }

    private static int[] Order(double[][] rows) =>
        [.. Enumerable.Range(0, rows.Length).OrderBy(i => rows[i], Comparer<double[]>.Create((x, y) => x.AsSpan().SequenceCompareTo(y)))];

    private static string Text(double[] row) => row.Length == 1 ? $"{row[0]}" : $"[{string.Join(", ", row)}]";
}
