// sort, topk and argsort guarantee the values; their indices only have to select these values.

using TorchScratch.Conformance.Calls;

namespace TorchScratch.Conformance.Checks;

/// <summary>The outputs are (values, indices), or with <paramref name="onlyIndices"/> only indices.</summary>
internal sealed class SelectionRule(int dimPosition, bool onlyIndices = false) : OutputRule
{
    /// <inheritdoc/>
    public override Tensor?[] Cotangents(OperatorCall call, Tensor[] actual, Tensor[] expected, Tensor?[] cotangents)
    {
        if (IsSorted(call) || cotangents is not [{ } weights, ..])
            return cotangents;
        // The same elements in another order: each keeps its weight.
        var lanes = new Lanes(expected[1].Shape, Dim(call));
        var (indices, sampleIndices) = (Elements.Longs(actual[1]), Elements.Longs(expected[1]));
        var (values, ordered) = (Elements.Doubles(weights), Elements.Doubles(weights));
        for (var lane = 0; lane < lanes.Count; lane++)
        {
            var known = lanes.Of(sampleIndices, lane);
            for (var i = 0; i < lanes.Length; i++)
            {
                var position = Array.IndexOf(known, indices[lanes.At(lane, i)]);
                if (position >= 0)
                    ordered[lanes.At(lane, i)] = values[lanes.At(lane, position)];
            }
        }
        return [Elements.ToTensor(ordered, weights), .. cotangents[1..]];
    }

    /// <inheritdoc/>
    protected override Verdict CheckValues(OperatorCall call, Tensor[] actual, Tensor[] expected) =>
        new(Difference(call, actual, expected));

    private string? Difference(OperatorCall call, Tensor[] actual, Tensor[] expected)
    {
        var input = (Tensor)call.Positional[0]!;
        var inputLanes = new Lanes(input.Shape, Dim(call));
        var lanes = new Lanes(expected[^1].Shape, Dim(call));
        var source = Elements.Doubles(input);
        var (indices, sampleIndices) = (Elements.Longs(actual[^1]), Elements.Longs(expected[^1]));
        var values = onlyIndices ? null : Elements.Doubles(actual[0]);
        for (var lane = 0; lane < lanes.Count; lane++)
        {
            var candidates = inputLanes.Of(source, lane);
            var chosen = lanes.Of(indices, lane);
            if (Array.Exists(chosen, index => index < 0 || index >= candidates.Length))
                return $"lane {lane} of the indices is out of the range 0 to {candidates.Length - 1}";
            if (chosen.Distinct().Count() != chosen.Length)
                return $"lane {lane} of the indices selects an element twice";
            var selected = Array.ConvertAll(chosen, index => candidates[index]);
            if (values is not null && !selected.SequenceEqual(lanes.Of(values, lane)))
                return $"lane {lane} of the indices does not select the values";
            var promised = Array.ConvertAll(lanes.Of(sampleIndices, lane), index => candidates[index]);
            if (!IsSorted(call))
            {
                Array.Sort(selected);
                Array.Sort(promised);
            }
            if (!selected.SequenceEqual(promised))
                return $"lane {lane} is [{string.Join(", ", selected)}] instead of [{string.Join(", ", promised)}]";
        }
        return null;
    }

    private long Dim(OperatorCall call) => call.Argument(dimPosition, "dim") is long dim ? dim : -1;

    // topk(k, dim, largest, sorted); the others always sort.
    private static bool IsSorted(OperatorCall call) =>
        call.Operator != "topk" || call.Argument(4, "sorted") is not false;
}
