// Soft shrinkage.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>x moved by lambd towards 0, where |x| is larger, else 0.</summary>
/// <param name="lambd">The bound.</param>
public sealed class Softshrink(double lambd = 0.5) : Module<Tensor, Tensor>
{
    /// <summary>The bound.</summary>
    public double Lambd => lambd;

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture, $"{lambd}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Softshrink(input, lambd);
}
