// Makes batches of a data set that has single samples only.

namespace TorchScratch.Data;

/// <summary>Stacks samples along a new first dimension.</summary>
internal sealed class StackedDataset : IBatchDataset<Batch>
{
    private readonly IDataset<(Tensor Input, Tensor Target)> _dataset;

    public StackedDataset(IDataset<(Tensor Input, Tensor Target)> dataset)
    {
        ArgumentNullException.ThrowIfNull(dataset);
        _dataset = dataset;
    }

    public int Count => _dataset.Count;

    public Batch GetBatch(ReadOnlySpan<int> indices)
    {
        var inputs = new Tensor[indices.Length];
        var targets = new Tensor[indices.Length];
        for (var i = 0; i < indices.Length; i++)
            (inputs[i], targets[i]) = _dataset[indices[i]];
        // Not disposed: a data set may hand out tensors that it keeps.
        return new Batch(Tensor.Stack(inputs), Tensor.Stack(targets));
    }
}
