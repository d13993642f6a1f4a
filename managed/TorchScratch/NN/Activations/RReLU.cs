// A leaky ReLU with random slopes: Xu, Wang, Chen, Li (2015).

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>
/// x where positive, else slope * x: in training with a slope drawn for each element, else with their mean.
/// </summary>
public sealed class RReLU : Module<Tensor, Tensor>
{
    /// <summary>A layer.</summary>
    /// <param name="lower">The smallest slope.</param>
    /// <param name="upper">The largest slope.</param>
    /// <exception cref="ArgumentException">The bounds are not in order.</exception>
    public RReLU(double lower = 1.0 / 8, double upper = 1.0 / 3)
    {
        if (!(lower <= upper))
            throw new ArgumentException($"the slopes lie between {lower} and {upper}, which are not in order",
                nameof(lower));
        (Lower, Upper) = (lower, upper);
    }

    /// <summary>The smallest slope.</summary>
    public double Lower { get; }

    /// <summary>The largest slope.</summary>
    public double Upper { get; }

    /// <inheritdoc/>
    protected override string Description =>
        string.Create(CultureInfo.InvariantCulture, $"lower={Lower}, upper={Upper}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Rrelu(input, Lower, Upper, IsTraining);
}
