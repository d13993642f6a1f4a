// Sums and means of rows of a table.

namespace TorchScratch.NN;

/// <summary>
/// The sum, mean or maximum of the rows of a weight (number, size) that each bag of integers names: (N, length) becomes
/// (N, size), and a vector with the places where bags begin (bags, size). An empty bag gives zeros.
/// </summary>
public sealed class EmbeddingBag : Module<Tensor, Tensor>
{
    private readonly double? _maxNorm;
    private readonly double _normType;
    private readonly bool _scaleGradByFreq;
    private readonly bool _includeLastOffset;

    /// <summary>A table of normally distributed numbers; the row of paddingIdx is 0.</summary>
    /// <param name="numEmbeddings">Rows.</param>
    /// <param name="embeddingDim">Size of a row.</param>
    /// <param name="maxNorm">Rows that are longer are shortened to this, in place, when they are used.</param>
    /// <param name="normType">The p of that length.</param>
    /// <param name="scaleGradByFreq">Whether to divide a row's gradient by how often the input names it.</param>
    /// <param name="mode">What becomes of the rows of a bag.</param>
    /// <param name="includeLastOffset">Whether the last offset is where the last bag ends.</param>
    /// <param name="paddingIdx">A row that takes no part and does not learn; negative counts from the end.</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
    /// <exception cref="ArgumentException">paddingIdx names no row.</exception>
    public EmbeddingBag(int numEmbeddings, int embeddingDim, double? maxNorm = null, double normType = 2,
        bool scaleGradByFreq = false, BagMode mode = BagMode.Mean, bool includeLastOffset = false,
        int? paddingIdx = null, DType? dtype = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(numEmbeddings);
        ArgumentOutOfRangeException.ThrowIfNegative(embeddingDim);
        if (paddingIdx is { } index && (index < -numEmbeddings || index >= numEmbeddings))
            throw new ArgumentOutOfRangeException(nameof(paddingIdx), index,
                $"a table of {numEmbeddings} rows has no such row");
        (_maxNorm, _normType) = (maxNorm, normType);
        (_scaleGradByFreq, _includeLastOffset) = (scaleGradByFreq, includeLastOffset);
        (Mode, PaddingIdx) = (mode, paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx);
        Weight = RegisterParameter("weight", new Parameter(Tensor.Randn([numEmbeddings, embeddingDim], dtype)));
        if (PaddingIdx is not { } row)
            return;
        using var noGrad = Autograd.NoGrad();
        Weight.Value.Select(0, row).Zero_();
    }

    /// <summary>What becomes of the rows of a bag.</summary>
    public BagMode Mode { get; }

    /// <summary>A row that takes no part and does not learn.</summary>
    public int? PaddingIdx { get; }

    /// <summary>The table.</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"{Weight.Shape[0]}, {Weight.Shape[1]}, mode={Mode.ToString().ToLowerInvariant()}" +
        (PaddingIdx is { } row ? $", padding_idx={row}" : "");

    /// <summary>One row for each bag.</summary>
    /// <param name="input">Bags of one length, (N, length), or one after the other, (total).</param>
    /// <param name="offsets">Where in a vector each bag begins, (bags).</param>
    /// <param name="perSampleWeights">What each row is multiplied with, of the input's shape; for sums.</param>
    public Tensor Call(Tensor input, Tensor? offsets, Tensor? perSampleWeights = null) =>
        CallWith(input, x => Forward(x, offsets, perSampleWeights));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Forward(input, null, null);

    private Tensor Forward(Tensor input, Tensor? offsets, Tensor? perSampleWeights) =>
        Functional.EmbeddingBag(input, Weight, offsets, _maxNorm, _normType, _scaleGradByFreq, Mode,
            perSampleWeights: perSampleWeights, includeLastOffset: _includeLastOffset, paddingIdx: PaddingIdx);
}
