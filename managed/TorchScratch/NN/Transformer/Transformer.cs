// Encoder and decoder together: Vaswani et al. (2017).

namespace TorchScratch.NN;

/// <summary>
/// Makes of a source (S, N, E) and a target (T, N, E) an output (T, N, E): an encoder over the source, a decoder over
/// the target that looks at what the encoder made. With batchFirst the batch comes first.
/// </summary>
public sealed class Transformer : Module<Tensor, Tensor, Tensor>
{
    private readonly TransformerEncoder _encoder;
    private readonly TransformerDecoder _decoder;

    /// <summary>A network whose matrices have Xavier's first values, as PyTorch's.</summary>
    /// <param name="dModel">Features, E.</param>
    /// <param name="nhead">Heads, a divisor of E.</param>
    /// <param name="numEncoderLayers">Layers of the encoder.</param>
    /// <param name="numDecoderLayers">Layers of the decoder.</param>
    /// <param name="dimFeedforward">Features between a layer's two linear layers.</param>
    /// <param name="dropout">The probability of all dropouts.</param>
    /// <param name="activation">Between a layer's two linear layers.</param>
    /// <param name="layerNormEps">Added to variances.</param>
    /// <param name="batchFirst">Whether the batch comes before the length.</param>
    /// <param name="normFirst">Whether each part normalizes its input, rather than its sum with that.</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public Transformer(int dModel = 512, int nhead = 8, int numEncoderLayers = 6, int numDecoderLayers = 6,
        int dimFeedforward = 2048, double dropout = 0.1, TransformerActivation activation = TransformerActivation.ReLU,
        double layerNormEps = 1e-5, bool batchFirst = false, bool normFirst = false, DType? dtype = null)
    {
        _encoder = RegisterModule("encoder", new TransformerEncoder(
            () => new(dModel, nhead, dimFeedforward, dropout, activation, layerNormEps, batchFirst, normFirst, dtype),
            numEncoderLayers, new LayerNorm(dModel, layerNormEps, dtype: dtype)));
        _decoder = RegisterModule("decoder", new TransformerDecoder(
            () => new(dModel, nhead, dimFeedforward, dropout, activation, layerNormEps, batchFirst, normFirst, dtype),
            numDecoderLayers, new LayerNorm(dModel, layerNormEps, dtype: dtype)));
        foreach (var parameter in Parameters().Where(parameter => parameter.Shape.Length > 1))
            Init.XavierUniform(parameter);
    }

    /// <summary>The output.</summary>
    /// <param name="src">The source.</param>
    /// <param name="tgt">The target, of which a position mostly may not see those after it: see tgtIsCausal.</param>
    /// <param name="srcMask">Among source positions; see attnMask of <see cref="MultiheadAttention"/>.</param>
    /// <param name="tgtMask">Among target positions.</param>
    /// <param name="memoryMask">Between target and source.</param>
    /// <param name="srcKeyPaddingMask">Of source positions; see keyPaddingMask there.</param>
    /// <param name="tgtKeyPaddingMask">Of target positions.</param>
    /// <param name="memoryKeyPaddingMask">Of source positions, for the decoder.</param>
    /// <param name="tgtIsCausal">Whether a target position sees none after it.</param>
    public Tensor Call(Tensor src, Tensor tgt, Tensor? srcMask, Tensor? tgtMask = null, Tensor? memoryMask = null,
        Tensor? srcKeyPaddingMask = null, Tensor? tgtKeyPaddingMask = null, Tensor? memoryKeyPaddingMask = null,
        bool tgtIsCausal = false) =>
        CallWith((src, tgt), input => _decoder.Call(input.Item2, _encoder.Call(input.Item1, srcMask, srcKeyPaddingMask),
            tgtMask, memoryMask, tgtKeyPaddingMask, memoryKeyPaddingMask, tgtIsCausal));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second) => _decoder.Call(second, _encoder.Call(first));
}
