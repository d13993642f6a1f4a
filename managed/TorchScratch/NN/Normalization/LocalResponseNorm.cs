// Normalization by neighbouring channels: Krizhevsky, Sutskever, Hinton (2012), section 3.3.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>
/// x / (k + alpha m)^beta for (N, C, ...), where m is the mean of x^2 over size neighbouring channels, zeros beyond the
/// first and last channel included.
/// </summary>
/// <param name="size">The number of channels in the mean, the channel itself included.</param>
/// <param name="alpha">The weight of the mean.</param>
/// <param name="beta">The exponent.</param>
/// <param name="k">Added to the weighted mean.</param>
public sealed class LocalResponseNorm(int size, double alpha = 1e-4, double beta = 0.75, double k = 1)
    : Module<Tensor, Tensor>
{
    /// <summary>The number of channels in the mean, the channel itself included.</summary>
    public int Size => size;

    /// <summary>The weight of the mean.</summary>
    public double Alpha => alpha;

    /// <summary>The exponent.</summary>
    public double Beta => beta;

    /// <summary>Added to the weighted mean.</summary>
    public double K => k;

    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture,
        $"{size}, alpha={PythonText.Of(alpha)}, beta={PythonText.Of(beta)}, k={PythonText.Of(k)}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.LocalResponseNorm(input, size, alpha, beta, k);
}
