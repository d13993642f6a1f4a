// A leaky ReLU with random slopes: Xu, Wang, Chen, Li (2015).

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>
/// x where x is positive, slope * x elsewhere. In training the slope of each element is drawn uniformly from [lower,
/// upper); in evaluation the slope is (lower + upper) / 2.
/// </summary>
public sealed class RReLU : Module<Tensor, Tensor>
{
    /// <summary>A layer with the given range of slopes.</summary>
    /// <param name="lower">The smallest slope.</param>
    /// <param name="upper">The largest slope.</param>
    /// <exception cref="ArgumentException">lower is larger than upper.</exception>
    public RReLU(double lower = 1.0 / 8, double upper = 1.0 / 3)
    {
        if (!(lower <= upper))
            throw new ArgumentException($"lower must be at most upper, got {lower} and {upper}",
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
    public override Tensor Forward(Tensor input) => Functional.RRelu(input, Lower, Upper, IsTraining);
}
