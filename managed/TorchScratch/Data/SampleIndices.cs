// The indices of samples, checked where data sets take them.

namespace TorchScratch.Data;

internal static class SampleIndices
{
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    public static void Check(int index, int count)
    {
        if ((uint)index >= (uint)count)
            throw new ArgumentOutOfRangeException(nameof(index), index, Expected(count));
    }

    /// <exception cref="ArgumentOutOfRangeException">One of the samples does not exist; the message says which.</exception>
    public static void Check(ReadOnlySpan<int> indices, int count)
    {
        for (var i = 0; i < indices.Length; i++)
        {
            if ((uint)indices[i] >= (uint)count)
                throw new ArgumentOutOfRangeException(nameof(indices), indices[i], $"entry {i}: {Expected(count)}");
        }
    }

    private static string Expected(int count) =>
        count == 0 ? "the data set has no samples" : $"expected 0 to {count - 1}, the indices of the data set's samples";
}
