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
