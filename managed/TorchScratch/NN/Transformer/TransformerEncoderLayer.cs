// A layer of the encoder of a transformer: Vaswani et al. (2017).

namespace TorchScratch.NN;

/// <summary>
/// x + attention(x, x, x), then x + feedforward(x), both normalized: (N, L, E) to (N, L, E), or (L, N, E) without
/// batchFirst.
/// </summary>
public sealed class TransformerEncoderLayer : Module<Tensor, Tensor>
{
    private readonly MultiheadAttention _attention;
    private readonly Linear _linear1, _linear2;
    private readonly LayerNorm _norm1, _norm2;
    private readonly Dropout _dropout, _dropout1, _dropout2;
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
    public TransformerEncoderLayer(int dModel, int nhead, int dimFeedforward = 2048, double dropout = 0.1,
        TransformerActivation activation = TransformerActivation.ReLU, double layerNormEps = 1e-5,
        bool batchFirst = false,
        bool normFirst = false, DType? dtype = null)
    {
        _attention = RegisterModule("self_attn",
            new MultiheadAttention(dModel, nhead, dropout, batchFirst: batchFirst, dtype: dtype));
        _linear1 = RegisterModule("linear1", new Linear(dModel, dimFeedforward, dtype: dtype));
        _dropout = RegisterModule("dropout", new Dropout(dropout));
        _linear2 = RegisterModule("linear2", new Linear(dimFeedforward, dModel, dtype: dtype));
        _norm1 = RegisterModule("norm1", new LayerNorm(dModel, layerNormEps, dtype: dtype));
        _norm2 = RegisterModule("norm2", new LayerNorm(dModel, layerNormEps, dtype: dtype));
        _dropout1 = RegisterModule("dropout1", new Dropout(dropout));
        _dropout2 = RegisterModule("dropout2", new Dropout(dropout));
        (_activation, _normFirst) = (activation, normFirst);
    }

    /// <summary>The output of the layer.</summary>
    /// <param name="src">The input.</param>
    /// <param name="srcMask">See attnMask of <see cref="MultiheadAttention"/>.</param>
    /// <param name="srcKeyPaddingMask">See keyPaddingMask there.</param>
    /// <param name="isCausal">Whether a position sees none after it.</param>
    public Tensor Call(Tensor src, Tensor? srcMask, Tensor? srcKeyPaddingMask = null, bool isCausal = false) =>
        CallWith(src, x => Forward(x, srcMask, srcKeyPaddingMask, isCausal));

    /// <summary>The output for further positions of a text, each seeing those before it: for generating.</summary>
    /// <param name="src">The further positions.</param>
    /// <param name="cache">What this layer remembers of those before; it then remembers these too.</param>
    public Tensor Call(Tensor src, KeyValueCache cache) =>
        CallWith(src, x => Forward(x, y => _attention.Call(y, cache)));

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input) => Forward(input, null, null, false);

    private Tensor Forward(Tensor x, Tensor? mask, Tensor? keyPadding, bool isCausal) => Forward(x, y =>
        _attention.Call(y, y, y, keyPadding, needWeights: false, attnMask: mask, isCausal: isCausal).Output);

    private Tensor Forward(Tensor x, Func<Tensor, Tensor> attend)
    {
        if (_normFirst)
        {
            x += _dropout1.Call(attend(_norm1.Call(x)));
            return x + FeedForward(_norm2.Call(x));
        }
        x = _norm1.Call(x + _dropout1.Call(attend(x)));
        return _norm2.Call(x + FeedForward(x));
    }

    private Tensor FeedForward(Tensor x) =>
        _dropout2.Call(_linear2.Call(_dropout.Call(_activation.Apply(_linear1.Call(x)))));
}
