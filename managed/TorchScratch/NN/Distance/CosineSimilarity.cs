// The cosine of the angle between two vectors.

namespace TorchScratch.NN;

/// <summary>x1 x2 / (|x1| |x2|) along a dimension.</summary>
/// <param name="dim">The dimension of the vectors.</param>
/// <param name="eps">The least that a length counts.</param>
public sealed class CosineSimilarity(int dim = 1, double eps = 1e-8) : Module<Tensor, Tensor, Tensor>
{
    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second) => Functional.CosineSimilarity(first, second, dim, eps);
}
