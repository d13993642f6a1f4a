// Replaces elements that do not exceed a threshold.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>x where x is larger than a threshold, a fixed value elsewhere.</summary>
/// <param name="threshold">The threshold.</param>
/// <param name="value">The value of elements that do not exceed the threshold.</param>
public sealed class Threshold(double threshold, double value) : Module<Tensor, Tensor>
{
    /// <summary>The threshold; a member cannot have the name of its class.</summary>
    public double Bound => threshold;

    /// <summary>The value of elements that do not exceed the threshold.</summary>
    public double Value => value;

    /// <inheritdoc/>
    protected override string Description =>
        string.Create(CultureInfo.InvariantCulture, $"threshold={threshold}, value={value}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Threshold(input, threshold, value);
}
