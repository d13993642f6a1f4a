// Clamps elements to a range.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>x, cut off at both ends.</summary>
/// <param name="minVal">Smallest value.</param>
/// <param name="maxVal">Largest value.</param>
public sealed class Hardtanh(double minVal = -1, double maxVal = 1) : Module<Tensor, Tensor>
{
    /// <summary>Smallest value.</summary>
    public double MinVal => minVal;

    /// <summary>Largest value.</summary>
    public double MaxVal => maxVal;

    /// <inheritdoc/>
    protected override string Description =>
        string.Create(CultureInfo.InvariantCulture, $"min_val={minVal}, max_val={maxVal}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Hardtanh(input, minVal, maxVal);
}
