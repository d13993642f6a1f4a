// Hard shrinkage.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>x where |x| is larger than lambd, else 0.</summary>
/// <param name="lambd">The bound.</param>
public sealed class Hardshrink(double lambd = 0.5) : Module<Tensor, Tensor>
{
    /// <summary>The bound.</summary>
    public double Lambd => lambd;

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture, $"{lambd}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Hardshrink(input, lambd);
}
