// The exponential linear unit: Clevert, Unterthiner, Hochreiter (2015).

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>x where x is positive, alpha (exp(x) - 1) elsewhere: Clevert, Unterthiner, Hochreiter (2015).</summary>
/// <param name="alpha">The result tends to -alpha as x tends to minus infinity.</param>
public sealed class ELU(double alpha = 1) : Module<Tensor, Tensor>
{
    /// <summary>The result tends to -alpha as x tends to minus infinity.</summary>
    public double Alpha => alpha;

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture, $"alpha={alpha}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Elu(input, alpha);
}
