// Channels held down by their neighbours: Krizhevsky, Sutskever, Hinton (2012), section 3.3.

using System.Globalization;

namespace TorchScratch.NN;

/// <summary>x / (k + alpha * mean of x^2 over size neighbouring channels)^beta, for (N, C, ...).</summary>
/// <param name="size">Channels that count, with the own.</param>
/// <param name="alpha">Weight of the mean.</param>
/// <param name="beta">The exponent.</param>
/// <param name="k">What is there in any case.</param>
public sealed class LocalResponseNorm(int size, double alpha = 1e-4, double beta = 0.75, double k = 1)
    : Module<Tensor, Tensor>
{
    /// <inheritdoc/>
    protected override string Description => string.Create(CultureInfo.InvariantCulture,
        $"{size}, alpha={PythonText.Of(alpha)}, beta={PythonText.Of(beta)}, k={PythonText.Of(k)}");

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.LocalResponseNorm(input, size, alpha, beta, k);
}
