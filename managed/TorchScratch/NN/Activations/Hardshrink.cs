// Hard shrinkage.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>x where |x| is larger than lambd, 0 elsewhere.</summary>
/// <param name="lambd">The magnitude up to which elements become 0.</param>
public sealed class Hardshrink(double lambd = 0.5) : Module<Tensor, Tensor>
{
    /// <summary>The magnitude up to which elements become 0.</summary>
    public double Lambd => lambd;

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture, $"{lambd}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Hardshrink(input, lambd);
}
