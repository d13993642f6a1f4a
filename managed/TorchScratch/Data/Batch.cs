// A batch of inputs and targets.

namespace TorchScratch.Data;

/// <summary>A batch of samples: <c>foreach (var (images, labels) in loader)</c>.</summary>
/// <param name="Inputs">The inputs, with shape (N, ...).</param>
/// <param name="Targets">The targets, with shape (N, ...).</param>
public readonly record struct Batch(Tensor Inputs, Tensor Targets) : ITensorBatch<Batch>, IDisposable
{
    /// <inheritdoc/>
    public Batch Map(Func<Tensor, Tensor> map)
    {
        ArgumentNullException.ThrowIfNull(map);
        return new(Inputs is null ? null! : map(Inputs), Targets is null ? null! : map(Targets));
    }

    /// <summary>Frees both tensors now, rather than when the garbage collector does.</summary>
    public void Dispose()
    {
        Inputs?.Dispose();
        Targets?.Dispose();
    }
}
