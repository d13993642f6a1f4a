// Replaces elements that do not exceed a threshold.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>x where it is larger than a threshold, else a value.</summary>
/// <param name="threshold">The threshold.</param>
/// <param name="value">What stands in the place of smaller numbers.</param>
public sealed class Threshold(double threshold, double value) : Module<Tensor, Tensor>
{
    /// <summary>The threshold.</summary>
    public double Bound => threshold;

    /// <summary>What stands in the place of smaller numbers.</summary>
    public double Value => value;

    /// <inheritdoc/>
    protected override string Description =>
        string.Create(CultureInfo.InvariantCulture, $"threshold={threshold}, value={value}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Threshold(input, threshold, value);
}
