// Layer normalization: Ba, Kiros, Hinton (2016).

namespace TorchScratch.NN;

/// <summary>
/// (x - mean) / sqrt(variance + eps) * weight + bias, with the mean and variance over the last dimensions, whose
/// sizes are normalizedShape.
/// </summary>
public sealed class LayerNorm : Module<Tensor, Tensor>
{
    private readonly long[] _shape;

    /// <summary>A layer over the last dimension, of size normalizedShape.</summary>
    /// <inheritdoc cref="LayerNorm(long[], double, bool, DType?)"/>
    public LayerNorm(long normalizedShape, double eps = 1e-5, bool elementwiseAffine = true, DType? dtype = null)
        : this([normalizedShape], eps, elementwiseAffine, dtype)
    {
    }

    /// <summary>A layer with weights of 1 and biases of 0.</summary>
    /// <param name="normalizedShape">
    /// The sizes of the dimensions to normalize over, which are the last of the input.
    /// </param>
    /// <param name="eps">Added to the variance, so that its root is not 0.</param>
    /// <param name="elementwiseAffine">Whether the layer has a weight and a bias.</param>
    /// <param name="dtype">Element type; the default floating-point type if not given.</param>
    /// <exception cref="ArgumentException">normalizedShape is empty or contains a negative size.</exception>
    public LayerNorm(long[] normalizedShape, double eps = 1e-5, bool elementwiseAffine = true, DType? dtype = null)
    {
        ArgumentNullException.ThrowIfNull(normalizedShape);
        if (normalizedShape.Length == 0 || normalizedShape.Any(size => size < 0))
            throw new ArgumentException("normalizedShape needs at least one size, none of them negative",
                nameof(normalizedShape));
        _shape = [.. normalizedShape];
        Eps = eps;
        if (!elementwiseAffine)
            return;
        Weight = RegisterParameter("weight", new Parameter(Tensor.Ones(_shape, dtype)));
        Bias = RegisterParameter("bias", new Parameter(Tensor.Zeros(_shape, dtype)));
    }

    /// <summary>The sizes of the dimensions to normalize over.</summary>
    public IReadOnlyList<long> NormalizedShape => _shape;

    /// <summary>Added to the variance, so that its root is not 0.</summary>
    public double Eps { get; }

    /// <summary>The factors of the elements, of shape normalizedShape; null without elementwiseAffine.</summary>
    public Parameter? Weight { get; }

    /// <summary>The biases of the elements, of shape normalizedShape; null without elementwiseAffine.</summary>
    public Parameter? Bias { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"({string.Join(", ", _shape)}{(_shape.Length == 1 ? "," : "")}), eps={PythonText.Of(Eps)}, " +
        $"elementwise_affine={(Weight is null ? "False" : "True")}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.LayerNorm(input, _shape, Weight, Bias, Eps);
}
