// The p-norm of the difference of two vectors.

namespace TorchScratch.NN;

/// <summary>The p-norm of x1 - x2 + eps along the last dimension.</summary>
/// <param name="p">The norm's exponent.</param>
/// <param name="eps">Keeps the gradient of equal vectors finite.</param>
/// <param name="keepdim">Whether that dimension stays, of size 1.</param>
public sealed class PairwiseDistance(double p = 2, double eps = 1e-6, bool keepdim = false)
    : Module<Tensor, Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second) =>
        Functional.PairwiseDistance(first, second, p, eps, keepdim);
}
