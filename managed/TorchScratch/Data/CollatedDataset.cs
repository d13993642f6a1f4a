// Makes batches of a data set that has single samples only.

namespace TorchScratch.Data;

/// <summary>Samples of any type, made into batches by a function of the user's.</summary>
/// <typeparam name="TSample">One sample.</typeparam>
/// <typeparam name="TBatch">One batch.</typeparam>
public sealed class CollatedDataset<TSample, TBatch> : IRandomBatchDataset<TBatch>
{
    private readonly IDataset<TSample> _dataset;
    private readonly Func<TSample[], TBatch> _collate;

    /// <summary>Batches of a data set's samples.</summary>
    /// <param name="dataset">The samples.</param>
    /// <param name="collate">
    /// Makes a batch of samples, in their order. Called from several threads at once when a loader has workers. Samples that
    /// are disposable are its to dispose, or the data set's to keep.
    /// </param>
    public CollatedDataset(IDataset<TSample> dataset, Func<TSample[], TBatch> collate)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(collate);
        _dataset = dataset;
        _collate = collate;
    }

    /// <summary>The number of samples.</summary>
    public int Count => _dataset.Count;

    /// <summary>The batch as it is in epoch 0 of a loader with seed 0.</summary>
    public TBatch GetBatch(ReadOnlySpan<int> indices) => GetBatch(indices, default);

    /// <inheritdoc/>
    public TBatch GetBatch(ReadOnlySpan<int> indices, EpochSeed epoch)
    {
        var samples = new TSample[indices.Length];
        for (var i = 0; i < indices.Length; i++)
        {
            var random = epoch.ForSample(indices[i]);
            samples[i] = _dataset.GetSampleOf(indices[i], ref random);
        }
        return _collate(samples);
    }
}
