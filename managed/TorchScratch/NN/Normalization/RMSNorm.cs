// Root mean square normalization: Zhang and Sennrich (2019).

namespace TorchScratch.NN;

/// <summary>
/// x / sqrt(mean(x^2) + eps) * weight, with the mean over the last dimensions, whose sizes are normalizedShape.
/// </summary>
public sealed class RMSNorm : Module<Tensor, Tensor>
{
    private readonly long[] _shape;

    /// <summary>A layer over the last dimension, of size normalizedShape.</summary>
    /// <inheritdoc cref="RMSNorm(long[], double?, bool, DType?)"/>
    public RMSNorm(long normalizedShape, double? eps = null, bool elementwiseAffine = true, DType? dtype = null)
        : this([normalizedShape], eps, elementwiseAffine, dtype)
    {
    }

    /// <summary>A layer with weights of 1.</summary>
    /// <param name="normalizedShape">
    /// The sizes of the dimensions to normalize over, which are the last of the input.
    /// </param>
    /// <param name="eps">Added to the mean square; the machine epsilon of the element type if not given.</param>
    /// <param name="elementwiseAffine">Whether the layer has a weight.</param>
    /// <param name="dtype">Element type; the default floating-point type if not given.</param>
    /// <exception cref="ArgumentException">normalizedShape is empty or contains a negative size.</exception>
    public RMSNorm(long[] normalizedShape, double? eps = null, bool elementwiseAffine = true, DType? dtype = null)
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
    }

    /// <summary>The sizes of the dimensions to normalize over.</summary>
    public IReadOnlyList<long> NormalizedShape => _shape;

    /// <summary>Added to the mean square; null for the machine epsilon of the element type.</summary>
    public double? Eps { get; }

    /// <summary>The factors of the elements, of shape normalizedShape; null without elementwiseAffine.</summary>
    public Parameter? Weight { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"({string.Join(", ", _shape)}{(_shape.Length == 1 ? "," : "")}), eps={PythonText.Of(Eps)}, " +
        $"elementwise_affine={(Weight is null ? "False" : "True")}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.RmsNorm(input, _shape, Weight, Eps);
}
