// A lookup table of vectors.

namespace TorchScratch.NN;

/// <summary>
/// Looks up rows of a weight (numEmbeddings, embeddingDim) by their indices: an integer input (...)
/// becomes (..., embeddingDim).
/// </summary>
public sealed class Embedding : Module<Tensor, Tensor>
{
    /// <summary>A table initialized from the standard normal distribution; the row of paddingIdx is 0.</summary>
    /// <param name="numEmbeddings">The number of rows.</param>
    /// <param name="embeddingDim">The size of a row.</param>
    /// <param name="paddingIdx">The index of a row that gets no gradient; negative counts from the end.</param>
    /// <param name="maxNorm">
    /// The largest norm of a row; longer rows are scaled down to it, in place, when they are looked up.
    /// </param>
    /// <param name="normType">The p of that p-norm.</param>
    /// <param name="scaleGradByFreq">
    /// Whether to divide the gradient of a row by the number of times the input contains its index.
    /// </param>
    /// <param name="dtype">Element type; the default floating-point type if not given.</param>
    /// <exception cref="ArgumentException">paddingIdx is out of range.</exception>
    public Embedding(int numEmbeddings, int embeddingDim, int? paddingIdx = null, double? maxNorm = null,
        double normType = 2, bool scaleGradByFreq = false, DType? dtype = null)
        : this(Tensor.Randn([numEmbeddings, embeddingDim], dtype), paddingIdx, maxNorm, normType, scaleGradByFreq,
            requiresGrad: true)
    {
        if (PaddingIdx is not { } row)
            return;
        using var noGrad = Autograd.NoGrad();
        Weight.Value.Select(0, row).Zero_();
    }

    private Embedding(Tensor weight, int? paddingIdx, double? maxNorm, double normType, bool scaleGradByFreq,
        bool requiresGrad)
    {
        if (weight.NDim != 2)
            throw new ShapeException($"Embedding: the weight must have 2 dimensions, got shape {weight.ShapeText}");
        var rows = (int)weight.Size(0);
        if (paddingIdx is { } index && (index < -rows || index >= rows))
            throw new ArgumentOutOfRangeException(nameof(paddingIdx), index,
                $"the index is out of range for {rows} rows");
        PaddingIdx = paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
        (MaxNorm, NormType, ScaleGradByFreq) = (maxNorm, normType, scaleGradByFreq);
        Weight = RegisterParameter("weight", new Parameter(weight, requiresGrad));
    }

    /// <summary>The number of rows.</summary>
    public int NumEmbeddings => (int)Weight.Shape[0];

    /// <summary>The size of a row.</summary>
    public int EmbeddingDim => (int)Weight.Shape[1];

    /// <summary>The index of a row that gets no gradient; null for none.</summary>
    public int? PaddingIdx { get; }

    /// <summary>The largest norm of a row; null for no limit.</summary>
    public double? MaxNorm { get; }

    /// <summary>The p of that p-norm.</summary>
    public double NormType { get; }

    /// <summary>Whether the gradient of a row is divided by the number of times the input contains its index.</summary>
    public bool ScaleGradByFreq { get; }

    /// <summary>The table, (numEmbeddings, embeddingDim).</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"{NumEmbeddings}, {EmbeddingDim}" + (PaddingIdx is { } row ? $", padding_idx={row}" : "");

    /// <summary>A table with given values; the module takes ownership of the tensor.</summary>
    /// <param name="weight">The table, (numEmbeddings, embeddingDim).</param>
    /// <param name="freeze">Whether to keep the table fixed, without a gradient.</param>
    /// <param name="paddingIdx">The index of a row that gets no gradient.</param>
    /// <exception cref="ShapeException">The weight does not have 2 dimensions.</exception>
    public static Embedding FromPretrained(Tensor weight, bool freeze = true, int? paddingIdx = null)
    {
        ArgumentNullException.ThrowIfNull(weight);
        return new(weight, paddingIdx, null, 2, false, !freeze);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Functional.Embedding(input, Weight, PaddingIdx, MaxNorm, NormType, ScaleGradByFreq);
}
