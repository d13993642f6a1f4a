// A table of vectors.

namespace TorchScratch.NN;

/// <summary>The rows of a weight (number, size) that an integer input names: (...) becomes (..., size).</summary>
public sealed class Embedding : Module<Tensor, Tensor>
{
    private readonly double? _maxNorm;
    private readonly double _normType;
    private readonly bool _scaleGradByFreq;

    /// <summary>A table of normally distributed numbers; the row of paddingIdx is 0.</summary>
    /// <param name="numEmbeddings">Rows.</param>
    /// <param name="embeddingDim">Size of a row.</param>
    /// <param name="paddingIdx">A row that does not learn; negative counts from the end.</param>
    /// <param name="maxNorm">Rows that are longer are shortened to this, in place, when they are used.</param>
    /// <param name="normType">The p of that length.</param>
    /// <param name="scaleGradByFreq">Whether to divide a row's gradient by how often the input names it.</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
    /// <exception cref="ArgumentException">paddingIdx names no row.</exception>
    public Embedding(int numEmbeddings, int embeddingDim, int? paddingIdx = null, double? maxNorm = null,
        double normType = 2,
        bool scaleGradByFreq = false, DType? dtype = null)
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
            throw new ShapeException($"Embedding: a table has rows and columns, got shape {weight.ShapeText}");
        var rows = (int)weight.Size(0);
        if (paddingIdx is { } index && (index < -rows || index >= rows))
            throw new ArgumentOutOfRangeException(nameof(paddingIdx), index, $"a table of {rows} rows has no such row");
        PaddingIdx = paddingIdx < 0 ? paddingIdx + rows : paddingIdx;
        (_maxNorm, _normType, _scaleGradByFreq) = (maxNorm, normType, scaleGradByFreq);
        Weight = RegisterParameter("weight", new Parameter(weight, requiresGrad));
    }

    /// <summary>Rows.</summary>
    public int NumEmbeddings => (int)Weight.Shape[0];

    /// <summary>Size of a row.</summary>
    public int EmbeddingDim => (int)Weight.Shape[1];

    /// <summary>A row that does not learn.</summary>
    public int? PaddingIdx { get; }

    /// <summary>The table.</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"{NumEmbeddings}, {EmbeddingDim}" + (PaddingIdx is { } row ? $", padding_idx={row}" : "");

    /// <summary>A table of numbers that are known, which it takes into possession.</summary>
    /// <param name="weight">(number, size).</param>
    /// <param name="freeze">Whether it does not learn.</param>
    /// <param name="paddingIdx">A row that does not learn.</param>
    public static Embedding FromPretrained(Tensor weight, bool freeze = true, int? paddingIdx = null)
    {
        ArgumentNullException.ThrowIfNull(weight);
        return new(weight, paddingIdx, null, 2, false, !freeze);
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) =>
        Functional.Embedding(input, Weight, PaddingIdx, _maxNorm, _normType, _scaleGradByFreq);
}
