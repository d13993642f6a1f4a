// The continuously differentiable exponential linear unit: Barron (2017).

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>max(0, x) + min(0, alpha (exp(x / alpha) - 1)): Barron (2017).</summary>
/// <param name="alpha">The result tends to -alpha as x tends to minus infinity.</param>
public sealed class CELU(double alpha = 1) : Module<Tensor, Tensor>
{
    /// <summary>The result tends to -alpha as x tends to minus infinity.</summary>
    public double Alpha => alpha;

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture, $"alpha={alpha}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Celu(input, alpha);
}
