// The Gaussian error linear unit: Hendrycks and Gimpel (2016).

namespace TorchScratch.NN;

/// <summary>
/// x Phi(x), where Phi is the cumulative distribution function of the standard normal: Hendrycks and Gimpel (2016).
/// </summary>
/// <param name="approximate">Whether to approximate Phi by a formula with tanh.</param>
public sealed class GELU(GeluApproximation approximate = GeluApproximation.None) : Module<Tensor, Tensor>
{
    /// <summary>How Phi is computed.</summary>
    public GeluApproximation Approximate => approximate;

    /// <inheritdoc/>
    protected override string Description =>
        approximate == GeluApproximation.None ? "approximate=none" : "approximate=tanh";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Gelu(input, approximate);
}
