// The logarithm of softmax along a dimension.

namespace TorchScratch.NN;

/// <summary>log(softmax(x)) along a dimension, computed without overflow.</summary>
/// <param name="dim">The dimension of the softmax; negative counts from the end.</param>
public sealed class LogSoftmax(int dim) : Module<Tensor, Tensor>
{
    /// <summary>The dimension of the softmax.</summary>
    public int Dim => dim;

    /// <inheritdoc/>
    protected override string Description => $"dim={dim}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return input.LogSoftmax(dim);
    }
}
