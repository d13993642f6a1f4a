// A data set of tensors.

namespace TorchScratch.Data;

/// <summary>
/// Samples along the first dimension of two tensors. The caller must not dispose the tensors while the
/// data set is in use.
/// </summary>
public sealed class TensorDataset : IBatchDataset<Batch>, IDataset<(Tensor Input, Tensor Target)>
{
    private readonly Tensor _inputs;
    private readonly Tensor _targets;

    /// <summary>Creates a data set of N samples.</summary>
    /// <param name="inputs">The inputs, (N, ...).</param>
    /// <param name="targets">The targets, (N, ...).</param>
    /// <exception cref="ShapeException">A tensor is 0-dimensional, or the first dimensions differ.</exception>
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
    public (Tensor Input, Tensor Target) this[int index]
    {
        get
        {
            SampleIndices.Check(index, Count);
            return (_inputs.Select(0, index), _targets.Select(0, index));
        }
    }

    /// <summary>The samples of some indices, on the devices of the two tensors.</summary>
    public Batch GetBatch(ReadOnlySpan<int> indices)
    {
        SampleIndices.Check(indices, Count);
        using var inputs = Tensor.From(indices, _inputs.Device);
        using var targets = inputs.To(_targets.Device);
        return new Batch(_inputs.IndexSelect(0, inputs), _targets.IndexSelect(0, targets));
    }
}
