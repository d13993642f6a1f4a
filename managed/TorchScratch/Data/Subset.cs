// Some samples of a data set.

namespace TorchScratch.Data;

/// <summary>A data set of chosen samples of another, in a chosen order; a sample may occur more than once.</summary>
/// <typeparam name="TBatch">One batch, such as <see cref="Batch"/>.</typeparam>
public sealed class Subset<TBatch> : IRandomBatchDataset<TBatch>
{
    private readonly IBatchDataset<TBatch> _source;
    private readonly int[] _indices;

    /// <summary>The samples with these indices.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An index is not in the data set.</exception>
    public Subset(IBatchDataset<TBatch> source, ReadOnlySpan<int> indices)
    {
        ArgumentNullException.ThrowIfNull(source);
        if (indices.IndexOfAnyExceptInRange(0, source.Count - 1) is >= 0 and var bad)
        {
            throw new ArgumentOutOfRangeException(nameof(indices), indices[bad], $"index {indices[bad]} at {bad}, expected 0 to " +
                $"{source.Count - 1}");
        }
        _source = source;
        _indices = indices.ToArray();
    }

    /// <summary>The number of samples chosen.</summary>
    public int Count => _indices.Length;

    /// <summary>The chosen samples' indices in the other data set.</summary>
    public ReadOnlySpan<int> Indices => _indices;

    /// <inheritdoc/>
    public TBatch GetBatch(ReadOnlySpan<int> indices) => _source.GetBatch(Places(indices));

    /// <inheritdoc/>
    public TBatch GetBatch(ReadOnlySpan<int> indices, EpochSeed epoch) => _source.GetBatchOf(Places(indices), epoch);

    private int[] Places(ReadOnlySpan<int> indices)
    {
        var places = new int[indices.Length];
        for (var i = 0; i < places.Length; i++)
            places[i] = _indices[indices[i]];
        return places;
    }
}
