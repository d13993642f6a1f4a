// Sums, means and maxima of rows of a lookup table.

namespace TorchScratch.NN;

/// <summary>
/// The sum, mean or maximum of the rows of a weight (numEmbeddings, embeddingDim) whose indices are in a bag: bags (N,
/// length) become (N, embeddingDim), and a vector of indices with the offsets of its bags becomes (bags, embeddingDim).
/// An empty bag gives zeros.
/// </summary>
public sealed class EmbeddingBag : Module<Tensor, Tensor>
{
    private readonly double? _maxNorm;
    private readonly double _normType;
    private readonly bool _scaleGradByFreq;
    private readonly bool _includeLastOffset;

    /// <summary>A table initialized from the standard normal distribution; the row of paddingIdx is 0.</summary>
    /// <param name="numEmbeddings">The number of rows.</param>
    /// <param name="embeddingDim">The size of a row.</param>
    /// <param name="maxNorm">
    /// The largest norm of a row; longer rows are scaled down to it, in place, when they are looked up.
    /// </param>
    /// <param name="normType">The p of that p-norm.</param>
    /// <param name="scaleGradByFreq">
    /// Whether to divide the gradient of a row by the number of times the input contains its index.
    /// </param>
    /// <param name="mode">How the rows of a bag are combined.</param>
    /// <param name="includeLastOffset">
    /// Whether the last offset is the end of the last bag rather than the start of another.
    /// </param>
    /// <param name="paddingIdx">
    /// The index of a row that is left out of every bag and gets no gradient; negative counts from the end.
    /// </param>
    /// <param name="dtype">Element type; the default floating-point type if not given.</param>
    /// <exception cref="ArgumentException">paddingIdx is out of range.</exception>
    public EmbeddingBag(int numEmbeddings, int embeddingDim, double? maxNorm = null, double normType = 2,
        bool scaleGradByFreq = false, BagMode mode = BagMode.Mean, bool includeLastOffset = false,
        int? paddingIdx = null, DType? dtype = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(numEmbeddings);
        ArgumentOutOfRangeException.ThrowIfNegative(embeddingDim);
        if (paddingIdx is { } index && (index < -numEmbeddings || index >= numEmbeddings))
            throw new ArgumentOutOfRangeException(nameof(paddingIdx), index,
                $"the index is out of range for {numEmbeddings} rows");
        (_maxNorm, _normType) = (maxNorm, normType);
        (_scaleGradByFreq, _includeLastOffset) = (scaleGradByFreq, includeLastOffset);
        (Mode, PaddingIdx) = (mode, paddingIdx < 0 ? paddingIdx + numEmbeddings : paddingIdx);
        Weight = RegisterParameter("weight", new Parameter(Tensor.Randn([numEmbeddings, embeddingDim], dtype)));
        if (PaddingIdx is not { } row)
            return;
        using var noGrad = Autograd.NoGrad();
        Weight.Value.Select(0, row).Zero_();
    }

    /// <summary>How the rows of a bag are combined.</summary>
    public BagMode Mode { get; }

    /// <summary>The index of a row that is left out of every bag; null for none.</summary>
    public int? PaddingIdx { get; }

    /// <summary>The table, (numEmbeddings, embeddingDim).</summary>
    public Parameter Weight { get; }

    /// <inheritdoc/>
    protected override string Description =>
        $"{Weight.Shape[0]}, {Weight.Shape[1]}, mode={Mode.ToString().ToLowerInvariant()}" +
        (PaddingIdx is { } row ? $", padding_idx={row}" : "");

    /// <summary>The combined rows of each bag, (bags, embeddingDim).</summary>
    /// <param name="input">
    /// The indices: bags of the same length, (N, length), or all bags one after another, (total).
    /// </param>
    /// <param name="offsets">The start of each bag in a vector of indices, (bags).</param>
    /// <param name="perSampleWeights">
    /// The factor of each row, of the shape of the input; for <see cref="BagMode.Sum"/> only.
    /// </param>
    public Tensor Call(Tensor input, Tensor? offsets, Tensor? perSampleWeights = null) =>
        CallWith(input, x => Forward(x, offsets, perSampleWeights));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Forward(input, null, null);

    private Tensor Forward(Tensor input, Tensor? offsets, Tensor? perSampleWeights) =>
        Functional.EmbeddingBag(input, Weight, offsets, _maxNorm, _normType, _scaleGradByFreq, Mode,
            perSampleWeights: perSampleWeights, includeLastOffset: _includeLastOffset, paddingIdx: PaddingIdx);
}
