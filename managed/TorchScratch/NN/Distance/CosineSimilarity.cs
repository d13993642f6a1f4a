// The cosine of the angle between two vectors.

namespace TorchScratch.NN;

/// <summary>first . second / (|first| |second|) along a dimension.</summary>
/// <param name="dim">
/// The dimension of the vectors, which the result does not have; negative counts from the end.
/// </param>
/// <param name="eps">The smallest norm; smaller norms are replaced by it, so that the quotient is finite.</param>
public sealed class CosineSimilarity(int dim = 1, double eps = 1e-8) : Module<Tensor, Tensor, Tensor>
{
    /// <summary>The dimension of the vectors.</summary>
    public int Dim => dim;

    /// <summary>The smallest norm; smaller norms are replaced by it.</summary>
    public double Eps => eps;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second) => Functional.CosineSimilarity(first, second, dim, eps);
}
