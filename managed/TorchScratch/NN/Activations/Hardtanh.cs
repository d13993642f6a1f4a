// Clamps elements to a range.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>x clamped to [minVal, maxVal].</summary>
/// <param name="minVal">The smallest result.</param>
/// <param name="maxVal">The largest result.</param>
public sealed class Hardtanh(double minVal = -1, double maxVal = 1) : Module<Tensor, Tensor>
{
    /// <summary>The smallest result.</summary>
    public double MinVal => minVal;

    /// <summary>The largest result.</summary>
    public double MaxVal => maxVal;

    /// <inheritdoc/>
    protected override string Description =>
        string.Create(CultureInfo.InvariantCulture, $"min_val={minVal}, max_val={maxVal}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Hardtanh(input, minVal, maxVal);
}
