// Bounds on gradients before a step.

namespace TorchScratch.NN;

/// <summary>Makes gradients smaller, in place, where they are too large.</summary>
public static class GradientClipping
{
    /// <summary>
    /// Scales all gradients by one factor so that their norm, taken as of one vector, is at most a bound: Pascanu,
    /// Mikolov, Bengio (2013).
    /// </summary>
    /// <param name="parameters">Those without a gradient do not count.</param>
    /// <param name="maxNorm">The bound.</param>
    /// <param name="normType">The p of the norm; may be infinite.</param>
    /// <param name="errorIfNonFinite">
    /// Whether a norm that is no number is an error; else gradients become NaN, or 0.
    /// </param>
    /// <returns>The norm before.</returns>
    /// <exception cref="ValueException">The norm is infinite or NaN, and that is an error.</exception>
    public static double ByNorm(IEnumerable<Parameter> parameters, double maxNorm, double normType = 2,
        bool errorIfNonFinite = false)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentOutOfRangeException.ThrowIfNegative(maxNorm);
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        Tensor[] gradients = [.. parameters.Select(parameter => parameter.Grad).OfType<Tensor>()];
        double[] norms = Array.ConvertAll(gradients, gradient => gradient.Norm(normType).ToDouble());
        var norm = double.IsPositiveInfinity(normType)
            ? norms.Aggregate(0.0, (largest, next) => double.IsNaN(next) ? next : Math.Max(largest, next))
            : Math.Pow(norms.Sum(part => Math.Pow(part, normType)), 1 / normType);
        if (errorIfNonFinite && !double.IsFinite(norm))
            throw new ValueException($"GradientClipping.ByNorm: the norm of all gradients is {norm}; pass " +
                "errorIfNonFinite: false to scale by it all the same");
        // PyTorch's: a little more than needed, so that a norm of 0 is no special case.
        var factor = maxNorm / (norm + 1e-6);
        if (!(factor >= 1))
        {
            foreach (var gradient in gradients)
                gradient.Mul_(factor);
        }
        return norm;
    }

    /// <summary>Cuts each element of all gradients off at plus and minus a bound.</summary>
    public static void ByValue(IEnumerable<Parameter> parameters, double bound)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentOutOfRangeException.ThrowIfNegative(bound);
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        foreach (var parameter in parameters)
        {
            if (parameter.Grad is { } gradient)
                gradient.Copy_(gradient.Clamp(-bound, bound));
        }
    }
}
