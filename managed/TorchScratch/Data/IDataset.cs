// The interfaces of data sets.

namespace TorchScratch.Data;

/// <summary>A finite list of samples with indices.</summary>
/// <typeparam name="TSample">One sample, such as <c>(Tensor Input, Tensor Target)</c>.</typeparam>
public interface IDataset<out TSample>
{
    /// <summary>The number of samples.</summary>
    int Count { get; }

    /// <summary>
    /// The sample at <paramref name="index"/>, from 0 to <see cref="Count"/> - 1. May be called from several threads at
    /// once if the loader has workers.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such sample.</exception>
    TSample this[int index] { get; }
}

/// <summary>A data set that makes whole batches, which is faster than sample by sample.</summary>
/// <typeparam name="TBatch">One batch, such as <see cref="Batch"/>.</typeparam>
public interface IBatchDataset<out TBatch>
{
    /// <summary>The number of samples.</summary>
    int Count { get; }

    /// <summary>
    /// A batch of the samples with these indices, in this order. May be called from several threads at once if the
    /// loader has workers.
    /// </summary>
    TBatch GetBatch(ReadOnlySpan<int> indices);
}

/// <summary>A data set whose samples differ from epoch to epoch, for example by augmentation.</summary>
/// <typeparam name="TSample">One sample, such as <c>(Tensor Input, Tensor Target)</c>.</typeparam>
public interface IRandomDataset<out TSample> : IDataset<TSample>
{
    /// <summary>
    /// The sample at <paramref name="index"/>, from 0 to Count - 1. May be called from several threads at once if the
    /// loader has workers.
    /// </summary>
    /// <param name="index">The index of the sample.</param>
    /// <param name="random">The source of all randomness in the sample.</param>
    TSample GetSample(int index, ref SampleRandom random);
}

/// <summary>A data set whose batches differ from epoch to epoch, for example by augmentation.</summary>
/// <typeparam name="TBatch">One batch, such as <see cref="Batch"/>.</typeparam>
public interface IRandomBatchDataset<out TBatch> : IBatchDataset<TBatch>
{
    /// <summary>
    /// A batch of the samples with these indices, in this order. May be called from several threads at once if the
    /// loader has workers.
    /// </summary>
    /// <param name="indices">The indices of the samples.</param>
    /// <param name="epoch">
    /// The source of all randomness in the samples, through <c>epoch.ForSample(index)</c>.
    /// </param>
    TBatch GetBatch(ReadOnlySpan<int> indices, EpochSeed epoch);
}

/// <summary>Treats data sets with and without randomness alike.</summary>
internal static class DatasetExtensions
{
    public static TBatch GetBatchOf<TBatch>(this IBatchDataset<TBatch> dataset, ReadOnlySpan<int> indices,
        EpochSeed epoch) =>
        dataset is IRandomBatchDataset<TBatch> random ? random.GetBatch(indices, epoch) : dataset.GetBatch(indices);

    public static TSample GetSampleOf<TSample>(this IDataset<TSample> dataset, int index, ref SampleRandom random) =>
        dataset is IRandomDataset<TSample> other ? other.GetSample(index, ref random) : dataset[index];
}
