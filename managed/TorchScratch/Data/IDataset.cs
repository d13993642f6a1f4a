// What a data loader reads from.

namespace TorchScratch.Data;

/// <summary>A finite list of samples, each reached by its index.</summary>
/// <typeparam name="TSample">One sample, such as <c>(Tensor Input, Tensor Target)</c>.</typeparam>
public interface IDataset<out TSample>
{
    /// <summary>The number of samples.</summary>
    int Count { get; }

    /// <summary>Sample <paramref name="index"/>, of 0 to <see cref="Count"/> - 1. Called from several threads at once when
    /// a loader has workers.</summary>
    TSample this[int index] { get; }
}

/// <summary>A data set that makes a whole batch at once, faster than sample by sample.</summary>
/// <typeparam name="TBatch">One batch, such as <see cref="Batch"/>.</typeparam>
public interface IBatchDataset<out TBatch>
{
    /// <summary>The number of samples.</summary>
    int Count { get; }

    /// <summary>A batch of the samples with these indices, in this order. Called from several threads at once when a
    /// loader has workers.</summary>
    TBatch GetBatch(ReadOnlySpan<int> indices);
}

/// <summary>A data set of samples that differ from epoch to epoch, as by augmentation.</summary>
/// <typeparam name="TSample">One sample, such as <c>(Tensor Input, Tensor Target)</c>.</typeparam>
public interface IRandomDataset<out TSample> : IDataset<TSample>
{
    /// <summary>Sample <paramref name="index"/>, of 0 to Count - 1. Called from several threads at once when a loader has
    /// workers.</summary>
    /// <param name="index">Which sample.</param>
    /// <param name="random">All that is random about the sample comes from here.</param>
    TSample GetSample(int index, ref SampleRandom random);
}

/// <summary>A data set of batches that differ from epoch to epoch, as by augmentation.</summary>
/// <typeparam name="TBatch">One batch, such as <see cref="Batch"/>.</typeparam>
public interface IRandomBatchDataset<out TBatch> : IBatchDataset<TBatch>
{
    /// <summary>A batch of the samples with these indices, in this order. Called from several threads at once when a
    /// loader has workers.</summary>
    /// <param name="indices">Which samples.</param>
    /// <param name="epoch">All that is random about the samples comes from here, as <c>epoch.ForSample(index)</c>.</param>
    TBatch GetBatch(ReadOnlySpan<int> indices, EpochSeed epoch);
}

/// <summary>Lets callers treat data sets with and without randomness alike.</summary>
internal static class DatasetExtensions
{
    public static TBatch GetBatchOf<TBatch>(this IBatchDataset<TBatch> dataset, ReadOnlySpan<int> indices, EpochSeed epoch) =>
        dataset is IRandomBatchDataset<TBatch> random ? random.GetBatch(indices, epoch) : dataset.GetBatch(indices);

    public static TSample GetSampleOf<TSample>(this IDataset<TSample> dataset, int index, ref SampleRandom random) =>
        dataset is IRandomDataset<TSample> other ? other.GetSample(index, ref random) : dataset[index];
}
