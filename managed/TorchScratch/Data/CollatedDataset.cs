// Makes batches from a data set of single samples.

namespace TorchScratch.Data;

/// <summary>Samples of any type, combined into batches by a function.</summary>
/// <typeparam name="TSample">One sample.</typeparam>
/// <typeparam name="TBatch">One batch.</typeparam>
public sealed class CollatedDataset<TSample, TBatch> : IRandomBatchDataset<TBatch>
{
    private readonly IDataset<TSample> _dataset;
    private readonly Collate _collate;

    /// <summary>Creates batches from the samples of a data set.</summary>
    /// <param name="dataset">The samples.</param>
    /// <param name="collate">
    /// Makes a batch from samples, in their order. It may be called from several threads at once if the loader has
    /// workers, and it must dispose samples that are disposable, unless the data set keeps them.
    /// </param>
    public CollatedDataset(IDataset<TSample> dataset, Func<TSample[], TBatch> collate)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentNullException.ThrowIfNull(collate);
        _dataset = dataset;
        _collate = (samples, _) => collate(samples);
    }

    /// <summary>As above, with a function that can name a sample in an error.</summary>
    internal CollatedDataset(IDataset<TSample> dataset, Collate collate)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        _dataset = dataset;
        _collate = collate;
    }

    /// <summary>Makes a batch from samples and their indices.</summary>
    internal delegate TBatch Collate(TSample[] samples, ReadOnlySpan<int> indices);

    /// <summary>The number of samples.</summary>
    public int Count => _dataset.Count;

    /// <summary>The batch of epoch 0 and seed 0.</summary>
    public TBatch GetBatch(ReadOnlySpan<int> indices) => GetBatch(indices, default);

    /// <inheritdoc/>
    public TBatch GetBatch(ReadOnlySpan<int> indices, EpochSeed epoch)
    {
        SampleIndices.Check(indices, Count);
        var samples = new TSample[indices.Length];
        for (var i = 0; i < indices.Length; i++)
        {
            BatchWork.ThrowIfUnwanted();
            var random = epoch.ForSample(indices[i]);
            samples[i] = _dataset.GetSampleOf(indices[i], ref random);
        }
        return _collate(samples, indices);
    }
}
