// A smooth approximation of ReLU.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>log(1 + exp(beta x)) / beta; x itself where beta x is beyond the threshold.</summary>
/// <param name="beta">Sharpness of the bend.</param>
/// <param name="threshold">Where the straight line begins.</param>
public sealed class Softplus(double beta = 1, double threshold = 20) : Module<Tensor, Tensor>
{
    /// <summary>Sharpness of the bend.</summary>
    public double Beta => beta;

    /// <summary>Where the straight line begins.</summary>
    public double Threshold => threshold;

    /// <inheritdoc/>
    protected override string Description =>
        string.Create(CultureInfo.InvariantCulture, $"beta={beta}, threshold={threshold}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.Softplus(input, beta, threshold);
}
