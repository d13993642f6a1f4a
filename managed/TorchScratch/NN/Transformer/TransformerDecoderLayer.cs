// A layer of the decoder of a transformer: Vaswani et al. (2017).

namespace TorchScratch.NN;

/// <summary>
/// x + attention(x, x, x), then x + attention(x, memory, memory), then x + feedforward(x), all normalized. Target (N,
/// L, E) and memory (N, S, E), or the lengths first without batchFirst.
/// </summary>
public sealed class TransformerDecoderLayer : Module<Tensor, Tensor, Tensor>
{
    private readonly MultiheadAttention _selfAttention, _crossAttention;
    private readonly Linear _linear1, _linear2;
    private readonly LayerNorm _norm1, _norm2, _norm3;
    private readonly Dropout _dropout, _dropout1, _dropout2, _dropout3;
    private readonly TransformerActivation _activation;
    private readonly bool _normFirst;

    /// <summary>A layer with PyTorch's first values.</summary>
    /// <param name="dModel">Features, E.</param>
    /// <param name="nhead">Heads, a divisor of E.</param>
    /// <param name="dimFeedforward">Features between the two linear layers.</param>
    /// <param name="dropout">The probability of all dropouts.</param>
    /// <param name="activation">Between the two linear layers.</param>
    /// <param name="layerNormEps">Added to variances.</param>
    /// <param name="batchFirst">Whether the batch comes before the length.</param>
    /// <param name="normFirst">Whether each part normalizes its input, rather than its sum with that.</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
    public TransformerDecoderLayer(int dModel, int nhead, int dimFeedforward = 2048, double dropout = 0.1,
        TransformerActivation activation = TransformerActivation.ReLU, double layerNormEps = 1e-5,
        bool batchFirst = false,
        bool normFirst = false, DType? dtype = null)
    {
        _selfAttention = RegisterModule("self_attn",
            new MultiheadAttention(dModel, nhead, dropout, batchFirst: batchFirst, dtype: dtype));
        _crossAttention = RegisterModule("multihead_attn",
            new MultiheadAttention(dModel, nhead, dropout, batchFirst: batchFirst, dtype: dtype));
        _linear1 = RegisterModule("linear1", new Linear(dModel, dimFeedforward, dtype: dtype));
        _dropout = RegisterModule("dropout", new Dropout(dropout));
        _linear2 = RegisterModule("linear2", new Linear(dimFeedforward, dModel, dtype: dtype));
        _norm1 = RegisterModule("norm1", new LayerNorm(dModel, layerNormEps, dtype: dtype));
        _norm2 = RegisterModule("norm2", new LayerNorm(dModel, layerNormEps, dtype: dtype));
        _norm3 = RegisterModule("norm3", new LayerNorm(dModel, layerNormEps, dtype: dtype));
        _dropout1 = RegisterModule("dropout1", new Dropout(dropout));
        _dropout2 = RegisterModule("dropout2", new Dropout(dropout));
        _dropout3 = RegisterModule("dropout3", new Dropout(dropout));
        (_activation, _normFirst) = (activation, normFirst);
    }

    /// <summary>The output of the layer.</summary>
    /// <param name="tgt">The input.</param>
    /// <param name="memory">What the encoder made.</param>
    /// <param name="tgtMask">Among target positions; see attnMask of <see cref="MultiheadAttention"/>.</param>
    /// <param name="memoryMask">Between target and memory.</param>
    /// <param name="tgtKeyPaddingMask">Of target positions; see keyPaddingMask there.</param>
    /// <param name="memoryKeyPaddingMask">Of memory positions.</param>
    /// <param name="isCausal">Whether a target position sees none after it.</param>
    public Tensor Call(Tensor tgt, Tensor memory, Tensor? tgtMask, Tensor? memoryMask = null,
        Tensor? tgtKeyPaddingMask = null,
        Tensor? memoryKeyPaddingMask = null, bool isCausal = false) =>
        CallWith((tgt, memory), input =>
            Forward(input, new(tgtKeyPaddingMask, tgtMask, isCausal), new(memoryKeyPaddingMask, memoryMask, false)));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second) => Forward((first, second), default, default);

    private Tensor Forward((Tensor Target, Tensor Memory) input, AttentionMasks self, AttentionMasks cross)
    {
        var (x, memory) = input;
        if (_normFirst)
        {
            x += Attend(_norm1.Call(x));
            x += AttendTo(_norm2.Call(x));
            return x + FeedForward(_norm3.Call(x));
        }
        x = _norm1.Call(x + Attend(x));
        x = _norm2.Call(x + AttendTo(x));
        return _norm3.Call(x + FeedForward(x));

        Tensor Attend(Tensor y) => _dropout1.Call(_selfAttention.Call(y, y, y, self.KeyPadding, needWeights: false,
            attnMask: self.Attention, isCausal: self.IsCausal).Output);

        Tensor AttendTo(Tensor y) => _dropout2.Call(_crossAttention.Call(y, memory, memory, cross.KeyPadding,
            needWeights: false, attnMask: cross.Attention).Output);
    }

    private Tensor FeedForward(Tensor x) =>
        _dropout3.Call(_linear2.Call(_dropout.Call(_activation.Apply(_linear1.Call(x)))));
}
