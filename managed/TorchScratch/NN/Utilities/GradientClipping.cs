// Bounds on gradients, applied before a step of the optimizer.

namespace TorchScratch.NN;

/// <summary>Limits the size of gradients, in place.</summary>
public static class GradientClipping
{
    /// <summary>
    /// Scales all gradients by the same factor so that the norm of all of them together, as one vector, is at most
    /// maxNorm: Pascanu, Mikolov, Bengio (2013). PyTorch's clip_grad_norm_.
    /// </summary>
    /// <param name="parameters">The parameters, or any tensors; those without a gradient are ignored.</param>
    /// <param name="maxNorm">The largest norm.</param>
    /// <param name="normType">The p of the p-norm; may be infinite.</param>
    /// <param name="errorIfNonFinite">
    /// Whether to throw if the norm is infinite or NaN. Otherwise an infinite norm turns finite gradients into 0 and
    /// infinite ones into NaN, and a NaN norm turns all of them into NaN.
    /// </param>
    /// <returns>The norm before scaling.</returns>
    /// <exception cref="ValueException">The norm is infinite or NaN, and errorIfNonFinite is true.</exception>
    public static double ByNorm(IEnumerable<Tensor> parameters, double maxNorm, double normType = 2,
        bool errorIfNonFinite = false)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentOutOfRangeException.ThrowIfNegative(maxNorm);
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        var gradients = Gradients(parameters);
        var norms = Norms(gradients, normType);
        var norm = double.IsPositiveInfinity(normType)
            ? norms.Aggregate(0.0, (largest, next) => double.IsNaN(next) ? next : Math.Max(largest, next))
            : Math.Pow(norms.Sum(part => Math.Pow(part, normType)), 1 / normType);
        if (errorIfNonFinite && !double.IsFinite(norm))
            throw new ValueException($"GradientClipping.ByNorm: the norm of all gradients is {norm}; pass " +
                "errorIfNonFinite: false to scale by it anyway");
        // PyTorch's formula: the small constant avoids a division by 0.
        var factor = maxNorm / (norm + 1e-6);
        if (!(factor >= 1))
        {
            foreach (var gradient in gradients)
                gradient.Mul_(factor);
        }
        return norm;
    }

    /// <summary>Clamps each element of all gradients to [-bound, bound]. PyTorch's clip_grad_value_.</summary>
    /// <param name="parameters">The parameters, or any tensors; those without a gradient are ignored.</param>
    /// <param name="bound">The largest magnitude, not negative.</param>
    public static void ByValue(IEnumerable<Tensor> parameters, double bound)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentOutOfRangeException.ThrowIfNegative(bound);
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        foreach (var gradient in Gradients(parameters))
            gradient.Copy_(gradient.Clamp(-bound, bound));
    }

    // From a CUDA device all at once, since each reading waits for it.
    private static double[] Norms(List<Tensor> gradients, double normType) =>
        gradients.Count > 0 && gradients[0] is { IsCuda: true, Device: var device } &&
            gradients.TrueForAll(gradient => gradient.Device == device)
            ? Tensor.Stack([.. gradients.Select(gradient => gradient.Norm(normType).To(DType.Float64))])
                .ToArray<double>()
            : [.. gradients.Select(gradient => gradient.Norm(normType).ToDouble())];

    // All are looked at before the first one is changed.
    private static List<Tensor> Gradients(IEnumerable<Tensor> parameters)
    {
        var gradients = new List<Tensor>();
        var i = 0;
        foreach (var parameter in parameters)
        {
            ArgumentNullException.ThrowIfNull(parameter, $"parameters[{i++}]");
            if (parameter.Grad is { } gradient)
                gradients.Add(gradient);
        }
        return gradients;
    }
}
