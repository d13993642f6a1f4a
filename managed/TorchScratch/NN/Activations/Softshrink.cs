// Soft shrinkage.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>x - lambd where x is larger than lambd, x + lambd where x is smaller than -lambd, 0 elsewhere.</summary>
/// <param name="lambd">The distance by which elements move towards 0.</param>
public sealed class Softshrink(double lambd = 0.5) : Module<Tensor, Tensor>
{
    /// <summary>The distance by which elements move towards 0.</summary>
    public double Lambd => lambd;

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture, $"{lambd}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Softshrink(input, lambd);
}
