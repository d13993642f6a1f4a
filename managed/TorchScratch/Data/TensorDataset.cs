// Inputs and targets that are tensors already.

namespace TorchScratch.Data;

/// <summary>
/// Samples along the first dimension of two tensors. The caller keeps the tensors, undisposed, while it is used.
/// </summary>
public sealed class TensorDataset : IBatchDataset<Batch>, IDataset<(Tensor Input, Tensor Target)>
{
    private readonly Tensor _inputs;
    private readonly Tensor _targets;

    /// <summary>A data set of N samples.</summary>
    /// <param name="inputs">(N, ...).</param>
    /// <param name="targets">(N, ...).</param>
    /// <exception cref="ShapeException">The tensors have no first dimension, or not the same.</exception>
    public TensorDataset(Tensor inputs, Tensor targets)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(targets);
        if (inputs.NDim == 0 || targets.NDim == 0 || inputs.Size(0) != targets.Size(0))
        {
            throw new ShapeException(
                "TensorDataset: inputs and targets need the same number of samples in their first " +
                $"dimension, got {inputs.ShapeText} and {targets.ShapeText}");
        }
        Count = checked((int)inputs.Size(0));
        _inputs = inputs;
        _targets = targets;
    }

    /// <summary>The number of samples.</summary>
    public int Count { get; }

    /// <summary>Views of one input and its target.</summary>
    public (Tensor Input, Tensor Target) this[int index] => (_inputs.Select(0, index), _targets.Select(0, index));

    /// <inheritdoc/>
    public Batch GetBatch(ReadOnlySpan<int> indices)
    {
        using var places = Tensor.From(indices);
        return new Batch(_inputs.IndexSelect(0, places), _targets.IndexSelect(0, places));
    }
}
