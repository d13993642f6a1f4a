// The leaky rectified linear unit.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>x where x is positive, negativeSlope * x elsewhere: Maas et al. (2013).</summary>
/// <param name="negativeSlope">The slope where x is negative.</param>
public sealed class LeakyReLU(double negativeSlope = 0.01) : Module<Tensor, Tensor>
{
    /// <summary>The slope where x is negative.</summary>
    public double NegativeSlope => negativeSlope;

    /// <inheritdoc/>
    protected override string Description =>
        string.Create(CultureInfo.InvariantCulture, $"negative_slope={negativeSlope}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.LeakyRelu(input, negativeSlope);
}
