// The p-norm of the difference of two vectors.

namespace TorchScratch.NN;

/// <summary>The p-norm of first - second + eps along the last dimension: (..., D) becomes (...).</summary>
/// <param name="p">The exponent p of the norm.</param>
/// <param name="eps">Added to the differences, so that the norm of equal vectors has a gradient.</param>
/// <param name="keepDim">Whether the last dimension is kept, with size 1.</param>
public sealed class PairwiseDistance(double p = 2, double eps = 1e-6, bool keepDim = false)
    : Module<Tensor, Tensor, Tensor>
{
    /// <summary>The exponent p of the norm.</summary>
    public double P => p;

    /// <summary>Added to the differences, so that the norm of equal vectors has a gradient.</summary>
    public double Eps => eps;

    /// <summary>Whether the last dimension is kept, with size 1.</summary>
    public bool KeepDim => keepDim;

    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second) =>
        Functional.PairwiseDistance(first, second, p, eps, keepDim);
}
