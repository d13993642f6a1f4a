// What a data loader yields.

namespace TorchScratch.Data;

/// <summary>A batch of samples: <c>foreach (var (images, labels) in loader)</c>.</summary>
/// <param name="Inputs">The inputs, (N, ...).</param>
/// <param name="Targets">What a model is to make of them, (N, ...).</param>
public readonly record struct Batch(Tensor Inputs, Tensor Targets) : IDisposable
{
    /// <summary>Frees both tensors now rather than when the garbage collector finds them.</summary>
    public void Dispose()
    {
        Inputs?.Dispose();
        Targets?.Dispose();
    }
}
