// The Gaussian error linear unit: Hendrycks and Gimpel (2016).

namespace TorchScratch.NN;

/// <summary>x Phi(x), where Phi is the standard normal's distribution function: Hendrycks and Gimpel (2016).</summary>
/// <param name="approximate">Whether to use a formula with tanh in Phi's place.</param>
public sealed class GELU(GeluApproximation approximate = GeluApproximation.None) : Module<Tensor, Tensor>
{
    /// <summary>What stands in Phi's place.</summary>
    public GeluApproximation Approximate => approximate;

    /// <inheritdoc/>
    protected override string Description =>
        approximate == GeluApproximation.None ? "approximate=none" : "approximate=tanh";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Gelu(input, approximate);
}
