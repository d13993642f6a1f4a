// A smooth approximation of ReLU.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>log(1 + exp(beta x)) / beta, and x where beta x exceeds the threshold.</summary>
/// <param name="beta">The sharpness of the bend: the larger, the closer to ReLU.</param>
/// <param name="threshold">The value of beta x above which the result is x.</param>
public sealed class Softplus(double beta = 1, double threshold = 20) : Module<Tensor, Tensor>
{
    /// <summary>The sharpness of the bend: the larger, the closer to ReLU.</summary>
    public double Beta => beta;

    /// <summary>The value of beta x above which the result is x.</summary>
    public double Threshold => threshold;

    /// <inheritdoc/>
    protected override string Description =>
        string.Create(CultureInfo.InvariantCulture, $"beta={beta}, threshold={threshold}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Softplus(input, beta, threshold);
}
