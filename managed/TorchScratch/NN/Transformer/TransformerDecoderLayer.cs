// A layer of a transformer decoder: Vaswani et al. (2017).

namespace TorchScratch.NN;

/// <summary>
/// x + attention(x, x, x), then x + attention(x, memory, memory), then x + feedforward(x), each normalized. With
/// batchFirst the target is (N, L, E) and the memory (N, S, E); without it the lengths come first.
/// </summary>
public sealed class TransformerDecoderLayer : Module<Tensor, Tensor, Tensor>
{
    private readonly MultiheadAttention _selfAttention, _crossAttention;
    private readonly Linear _linear1, _linear2;
    private readonly LayerNorm _norm1, _norm2, _norm3;
    private readonly Dropout _dropout, _dropout1, _dropout2, _dropout3;
    private readonly TransformerActivation _activation;
    private readonly bool _normFirst;

    /// <summary>A layer with PyTorch's default initialization.</summary>
    /// <param name="dModel">The number of features, E.</param>
    /// <param name="nHead">The number of heads, a divisor of dModel.</param>
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
    public TransformerDecoderLayer(int dModel, int nHead, int dimFeedforward = 2048, double dropout = 0.1,
        TransformerActivation activation = TransformerActivation.ReLU, double layerNormEps = 1e-5,
        bool batchFirst = false, bool normFirst = false, DType? dtype = null)
    {
        _selfAttention = RegisterModule("self_attn",
            new MultiheadAttention(dModel, nHead, dropout, batchFirst: batchFirst, dtype: dtype));
        _crossAttention = RegisterModule("multihead_attn",
            new MultiheadAttention(dModel, nHead, dropout, batchFirst: batchFirst, dtype: dtype));
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

    /// <summary>The output of the layer, of the shape of its input.</summary>
    /// <param name="tgt">The target.</param>
    /// <param name="memory">The output of the encoder.</param>
    /// <param name="tgtMask">
    /// The mask between target positions; see attnMask of <see cref="MultiheadAttention"/>.
    /// </param>
    /// <param name="memoryMask">The mask between target and memory positions.</param>
    /// <param name="tgtKeyPaddingMask">
    /// The padding of the target; see keyPaddingMask of <see cref="MultiheadAttention"/>.
    /// </param>
    /// <param name="memoryKeyPaddingMask">The padding of the memory.</param>
    /// <param name="isCausal">Whether target positions attend to no later ones.</param>
    public Tensor Call(Tensor tgt, Tensor memory, Tensor? tgtMask, Tensor? memoryMask = null,
        Tensor? tgtKeyPaddingMask = null, Tensor? memoryKeyPaddingMask = null, bool isCausal = false)
    {
        ArgumentNullException.ThrowIfNull(tgt);
        ArgumentNullException.ThrowIfNull(memory);
        return CallWith((tgt, memory), input =>
            Forward(input, new(tgtKeyPaddingMask, tgtMask, isCausal), new(memoryKeyPaddingMask, memoryMask, false)));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor first, Tensor second)
    {
        ArgumentNullException.ThrowIfNull(first);
        ArgumentNullException.ThrowIfNull(second);
        return Forward((first, second), default, default);
    }

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
