// The encoder-decoder transformer: Vaswani et al. (2017).

namespace TorchScratch.NN;

/// <summary>
/// Computes an output (T, N, E) from a source (S, N, E) and a target (T, N, E): an encoder reads the source, and a
/// decoder reads the target and attends to the output of the encoder. With batchFirst the batch dimension comes first.
/// </summary>
public sealed class Transformer : Module<Tensor, Tensor, Tensor>
{
    private readonly TransformerEncoder _encoder;
    private readonly TransformerDecoder _decoder;

    /// <summary>A network with PyTorch's default initialization: Xavier-uniform matrices.</summary>
    /// <param name="dModel">The number of features, E.</param>
    /// <param name="nHead">The number of heads, a divisor of dModel.</param>
    /// <param name="numEncoderLayers">The number of layers of the encoder.</param>
    /// <param name="numDecoderLayers">The number of layers of the decoder.</param>
    /// <param name="dimFeedforward">
    /// The number of features between the two linear layers of the feed-forward part.
    /// </param>
    /// <param name="dropout">The probability of every dropout.</param>
    /// <param name="activation">The activation between the two linear layers.</param>
    /// <param name="layerNormEps">Added to the variances of layer normalizations.</param>
    /// <param name="batchFirst">Whether the batch dimension comes before the length.</param>
    /// <param name="normFirst">
    /// Whether each part normalizes its input (pre-norm) rather than the sum of its input and output (post-norm).
    /// </param>
    /// <param name="dtype">Element type; the default floating-point type if not given.</param>
    /// <exception cref="ArgumentException">An argument is out of its range.</exception>
    public Transformer(int dModel = 512, int nHead = 8, int numEncoderLayers = 6, int numDecoderLayers = 6,
        int dimFeedforward = 2048, double dropout = 0.1, TransformerActivation activation = TransformerActivation.ReLU,
        double layerNormEps = 1e-5, bool batchFirst = false, bool normFirst = false, DType? dtype = null)
    {
        _encoder = RegisterModule("encoder", new TransformerEncoder(
            () => new(dModel, nHead, dimFeedforward, dropout, activation, layerNormEps, batchFirst, normFirst, dtype),
            numEncoderLayers, new LayerNorm(dModel, layerNormEps, dtype: dtype)));
        _decoder = RegisterModule("decoder", new TransformerDecoder(
            () => new(dModel, nHead, dimFeedforward, dropout, activation, layerNormEps, batchFirst, normFirst, dtype),
            numDecoderLayers, new LayerNorm(dModel, layerNormEps, dtype: dtype)));
        foreach (var parameter in Parameters().Where(parameter => parameter.Shape.Length > 1))
            Init.XavierUniform(parameter);
    }

    /// <summary>The output, of the shape of the target.</summary>
    /// <param name="src">The source.</param>
    /// <param name="tgt">
    /// The target. In training a position usually must not attend to later ones; see tgtIsCausal.
    /// </param>
    /// <param name="srcMask">
    /// The mask between source positions; see attnMask of <see cref="MultiheadAttention"/>.
    /// </param>
    /// <param name="tgtMask">The mask between target positions.</param>
    /// <param name="memoryMask">The mask between target and source positions.</param>
    /// <param name="srcKeyPaddingMask">
    /// The padding of the source; see keyPaddingMask of <see cref="MultiheadAttention"/>.
    /// </param>
    /// <param name="tgtKeyPaddingMask">The padding of the target.</param>
    /// <param name="memoryKeyPaddingMask">The padding of the source that the decoder must not attend to.</param>
    /// <param name="tgtIsCausal">Whether target positions attend to no later ones.</param>
    public Tensor Call(Tensor src, Tensor tgt, Tensor? srcMask, Tensor? tgtMask = null, Tensor? memoryMask = null,
        Tensor? srcKeyPaddingMask = null, Tensor? tgtKeyPaddingMask = null, Tensor? memoryKeyPaddingMask = null,
        bool tgtIsCausal = false)
    {
        ArgumentNullException.ThrowIfNull(src);
        ArgumentNullException.ThrowIfNull(tgt);
        return CallWith((src, tgt), input => _decoder.Call(input.Item2,
            _encoder.Call(input.Item1, srcMask, srcKeyPaddingMask), tgtMask, memoryMask, tgtKeyPaddingMask,
            memoryKeyPaddingMask, tgtIsCausal));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return _decoder.Call(second, _encoder.Call(first));
    }
}
