// Python's x[index] as C#'s x[...].

using TorchScratch.Conformance.Fixtures;

namespace TorchScratch.Conformance.Calls;

internal static class PythonIndex
{
    /// <summary>Reads the indexed elements; null if C# has no such index.</summary>
    public static Func<object?>? Bind(OperatorCall call)
    {
        if (call.Positional is not [Tensor self, var index] || call.Keywords.Count > 0)
            return null;
        TensorIndex[]? entries = index is object?[] list && IsTuple(list) ? ToIndices(list) : ToIndices([index]);
        return entries is null ? null : () => self[entries];
    }

    // PyTorch 1.13 treats a list as a tuple of indices, unless it holds only numbers: then it is one index.
    private static bool IsTuple(object?[] list) => list.Length < 32 &&
        Array.Exists(list, entry => entry is null or Tensor or object?[] or SliceArgument or EllipsisArgument);

    private static TensorIndex[]? ToIndices(object?[] entries)
    {
        var indices = new TensorIndex[entries.Length];
        for (var i = 0; i < entries.Length; i++)
        {
            if (ToIndex(entries[i]) is not { } index)
                return null;
            indices[i] = index;
        }
        return indices;
    }

    private static TensorIndex? ToIndex(object? entry) => entry switch
    {
        null => TensorIndex.NewAxis,
        long index => index,
        EllipsisArgument => TensorIndex.Ellipsis,
        SliceArgument slice => TensorIndex.Slice(slice.Start, slice.Stop, slice.Step ?? 1),
        Tensor tensor => tensor,
        object?[] indices when Array.TrueForAll(indices, index => index is long) =>
            Tensor.FromArray(Array.ConvertAll(indices, index => (long)index!)),
        _ => null,
    };
}
