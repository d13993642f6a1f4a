// A selection of the samples of a data set.

namespace TorchScratch.Data;

/// <summary>Selected samples of another data set, in any order; a sample may occur more than once.</summary>
/// <typeparam name="TBatch">One batch, such as <see cref="Batch"/>.</typeparam>
public sealed class Subset<TBatch> : IRandomBatchDataset<TBatch>
{
    private readonly IBatchDataset<TBatch> _source;
    private readonly int[] _indices;

    /// <summary>Selects the samples with these indices.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is out of range.</exception>
    public Subset(IBatchDataset<TBatch> source, ReadOnlySpan<int> indices)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (indices.IndexOfAnyExceptInRange(0, source.Count - 1) is >= 0 and var bad)
        {
            throw new ArgumentOutOfRangeException(nameof(indices), indices[bad],
                $"entry {bad} is out of range, expected 0 to {source.Count - 1}");
        }
        _source = source;
        _indices = indices.ToArray();
    }

    /// <summary>The number of selected samples.</summary>
    public int Count => _indices.Length;

    /// <summary>The indices of the selected samples in the other data set.</summary>
    public ReadOnlySpan<int> Indices => _indices;

    /// <inheritdoc/>
    public TBatch GetBatch(ReadOnlySpan<int> indices) => _source.GetBatch(SourceIndices(indices));

    /// <inheritdoc/>
    public TBatch GetBatch(ReadOnlySpan<int> indices, EpochSeed epoch) =>
        _source.GetBatchOf(SourceIndices(indices), epoch);

    private int[] SourceIndices(ReadOnlySpan<int> indices)
    {
        SampleIndices.Check(indices, Count);
        var result = new int[indices.Length];
        for (var i = 0; i < result.Length; i++)
            result[i] = _indices[indices[i]];
        return result;
    }
}
