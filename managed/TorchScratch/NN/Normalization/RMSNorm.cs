// Root mean square normalization: Zhang and Sennrich (2019).

namespace TorchScratch.NN;

/// <summary>x / sqrt(mean(x^2) + eps) * weight over the last dimensions, which are normalizedShape.</summary>
public sealed class RMSNorm : Module<Tensor, Tensor>
{
    private readonly long[] _shape;

    /// <summary>A layer over the last dimension, whose size normalizedShape is.</summary>
    /// <inheritdoc cref="RMSNorm(long[], double?, bool, DType?)"/>
    public RMSNorm(long normalizedShape, double? eps = null, bool elementwiseAffine = true, DType? dtype = null)
        : this([normalizedShape], eps, elementwiseAffine, dtype)
    {
    }

    /// <summary>A layer whose weights are 1.</summary>
    /// <param name="normalizedShape">Sizes of the last dimensions.</param>
    /// <param name="eps">Added to the mean square; that of the element type if not given.</param>
    /// <param name="elementwiseAffine">Whether there is a weight.</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
    /// <exception cref="ArgumentException">A size is negative, or there is none.</exception>
    public RMSNorm(long[] normalizedShape, double? eps = null, bool elementwiseAffine = true, DType? dtype = null)
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
    }

    /// <summary>Sizes of the last dimensions.</summary>
    public IReadOnlyList<long> NormalizedShape => _shape;

    /// <summary>Added to the mean square; null for that of the element type.</summary>
    public double? Eps { get; }

    /// <summary>Factors of the elements, if there are any.</summary>
    public Parameter? Weight { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"({string.Join(", ", _shape)}{(_shape.Length == 1 ? "," : "")}), eps={PythonText.Of(Eps)}, " +
        $"elementwise_affine={(Weight is null ? "False" : "True")}";

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Functional.RmsNorm(input, _shape, Weight, Eps);
}
