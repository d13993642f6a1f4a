// Layer normalization: Ba, Kiros, Hinton (2016).

namespace TorchScratch.NN;

/// <summary>
/// (x - mean) / sqrt(variance + eps) * weight + bias over the last dimensions, which are normalizedShape.
/// </summary>
public sealed class LayerNorm : Module<Tensor, Tensor>
{
    private readonly long[] _shape;

    /// <summary>A layer over the last dimension, whose size normalizedShape is.</summary>
    /// <inheritdoc cref="LayerNorm(long[], double, bool, DType?)"/>
    public LayerNorm(long normalizedShape, double eps = 1e-5, bool elementwiseAffine = true, DType? dtype = null)
        : this([normalizedShape], eps, elementwiseAffine, dtype)
    {
    }

    /// <summary>A layer whose weights are 1 and whose biases are 0.</summary>
    /// <param name="normalizedShape">Sizes of the last dimensions.</param>
    /// <param name="eps">Added to the variance.</param>
    /// <param name="elementwiseAffine">Whether there are weight and bias.</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
    /// <exception cref="ArgumentException">A size is negative, or there is none.</exception>
    public LayerNorm(long[] normalizedShape, double eps = 1e-5, bool elementwiseAffine = true, DType? dtype = null)
    {
        ArgumentNullException.ThrowIfNull(normalizedShape);
        if (normalizedShape.Length == 0 || normalizedShape.Any(size => size < 0))
            throw new ArgumentException("a normalized shape has at least one dimension, and no negative one",
                nameof(normalizedShape));
        _shape = [.. normalizedShape];
        Eps = eps;
        if (!elementwiseAffine)
            return;
        Weight = RegisterParameter("weight", new Parameter(Tensor.Ones(_shape, dtype)));
        Bias = RegisterParameter("bias", new Parameter(Tensor.Zeros(_shape, dtype)));
    }

    /// <summary>Sizes of the last dimensions.</summary>
    public IReadOnlyList<long> NormalizedShape => _shape;

    /// <summary>Added to the variance.</summary>
    public double Eps { get; }

    /// <summary>Factors of the elements, if there are any.</summary>
    public Parameter? Weight { get; }

    /// <summary>Summands of the elements, if there are any.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"({string.Join(", ", _shape)}{(_shape.Length == 1 ? "," : "")}), eps={PythonText.Of(Eps)}, " +
        $"elementwise_affine={(Weight is null ? "False" : "True")}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.LayerNorm(input, _shape, Weight, Bias, Eps);
}
