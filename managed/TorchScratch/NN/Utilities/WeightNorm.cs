// Weight normalization: Salimans and Kingma (2016).

namespace TorchScratch.NN;

/// <summary>
/// Replaces a parameter w by two others, w = g v / |v|: the norms g, one for each index of a dimension, and the
/// directions v. They have PyTorch's names, weight_g and weight_v.
/// </summary>
public static class WeightNorm
{
    /// <summary>
    /// Replaces a parameter by norms and directions without changing its value. Create the optimizer afterwards.
    /// </summary>
    /// <param name="module">A layer.</param>
    /// <param name="name">The name of its parameter.</param>
    /// <param name="dim">
    /// The dimension whose indices have separate norms; null for a single norm of the whole parameter.
    /// </param>
    /// <exception cref="ArgumentException">The module has no such parameter.</exception>
    public static void Apply(Module module, string name = "weight", int? dim = 0)
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(name);
        module.ReplaceParameter(name, weight =>
        {
            using var noGrad = Autograd.NoGrad();
            var norms = new Parameter(Norms(weight.Value, dim));
            var directions = new Parameter(weight.Value.Detach().Clone());
            weight.RequiresGrad = false;
            weight.Parametrization = () => directions.Value * (norms.Value / Norms(directions.Value, dim));
            return [(name + "_g", norms), (name + "_v", directions)];
        });
    }

    /// <summary>Undoes <see cref="Apply"/>: the parameter is independent again and keeps its current value.</summary>
    /// <param name="module">A layer.</param>
    /// <param name="name">The name of its parameter.</param>
    /// <param name="parameter">The parameter, such as <see cref="Linear.Weight"/>.</param>
    /// <exception cref="ArgumentException">The parameter has no weight normalization.</exception>
    public static void Remove(Module module, Parameter parameter, string name = "weight")
    {
        ArgumentNullException.ThrowIfNull(module);
        ArgumentNullException.ThrowIfNull(parameter);
        ArgumentNullException.ThrowIfNull(name);
        if (parameter.Parametrization is null)
            throw new ArgumentException($"{name} has no weight normalization", nameof(parameter));
        parameter.RemoveParametrization();
        module.RestoreParameter(name, parameter, name + "_g", name + "_v");
    }

    // The norms over all dimensions but one; those dimensions are kept, with size 1.
    private static Tensor Norms(Tensor weight, int? dim)
    {
        if (dim is null)
            return weight.Norm();
        var others = Enumerable.Range(0, weight.NDim).Where(d => d != (dim < 0 ? dim + weight.NDim : dim))
            .Select(d => (long)d).ToArray();
        return others.Length == 0 ? weight.Abs() : weight.Norm(2, others, keepDim: true);
    }
}
