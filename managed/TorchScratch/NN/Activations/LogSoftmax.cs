// The logarithm of softmax along a dimension.

namespace TorchScratch.NN;

/// <summary>log(softmax(x)) along a dimension.</summary>
/// <param name="dim">The dimension.</param>
public sealed class LogSoftmax(int dim) : Module<Tensor, Tensor>
{
    /// <summary>The dimension of the sums.</summary>
    public int Dim => dim;

    /// <inheritdoc/>
    protected override string Description => $"dim={dim}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => input.LogSoftmax(dim);
}
