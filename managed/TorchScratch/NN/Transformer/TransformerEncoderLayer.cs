// A layer of a transformer encoder: Vaswani et al. (2017).

namespace TorchScratch.NN;

/// <summary>
/// x + attention(x, x, x), then x + feedforward(x), each normalized. Input and output are (N, L, E) with batchFirst,
/// (L, N, E) without it.
/// </summary>
public sealed class TransformerEncoderLayer : Module<Tensor, Tensor>
{
    private readonly MultiheadAttention _attention;
    private readonly Linear _linear1, _linear2;
    private readonly LayerNorm _norm1, _norm2;
    private readonly Dropout _dropout, _dropout1, _dropout2;
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
    public TransformerEncoderLayer(int dModel, int nHead, int dimFeedforward = 2048, double dropout = 0.1,
        TransformerActivation activation = TransformerActivation.ReLU, double layerNormEps = 1e-5,
        bool batchFirst = false, bool normFirst = false, DType? dtype = null)
    {
        _attention = RegisterModule("self_attn",
            new MultiheadAttention(dModel, nHead, dropout, batchFirst: batchFirst, dtype: dtype));
        _linear1 = RegisterModule("linear1", new Linear(dModel, dimFeedforward, dtype: dtype));
        _dropout = RegisterModule("dropout", new Dropout(dropout));
        _linear2 = RegisterModule("linear2", new Linear(dimFeedforward, dModel, dtype: dtype));
        _norm1 = RegisterModule("norm1", new LayerNorm(dModel, layerNormEps, dtype: dtype));
        _norm2 = RegisterModule("norm2", new LayerNorm(dModel, layerNormEps, dtype: dtype));
        _dropout1 = RegisterModule("dropout1", new Dropout(dropout));
        _dropout2 = RegisterModule("dropout2", new Dropout(dropout));
        (_activation, _normFirst) = (activation, normFirst);
    }

    /// <summary>The output of the layer, of the shape of its input.</summary>
    /// <param name="src">The input.</param>
    /// <param name="srcMask">The mask between positions; see attnMask of <see cref="MultiheadAttention"/>.</param>
    /// <param name="srcKeyPaddingMask">
    /// The padding of the input; see keyPaddingMask of <see cref="MultiheadAttention"/>.
    /// </param>
    /// <param name="isCausal">Whether positions attend to no later ones.</param>
    public Tensor Call(Tensor src, Tensor? srcMask, Tensor? srcKeyPaddingMask = null, bool isCausal = false)
    {
        ArgumentNullException.ThrowIfNull(src);
        return CallWith(src, x => Forward(x, srcMask, srcKeyPaddingMask, isCausal));
    }

    /// <summary>
    /// The output for new positions of a sequence, each of which attends to all earlier ones; for generation.
    /// </summary>
    /// <param name="src">The new positions.</param>
    /// <param name="cache">The keys and values of earlier positions; extended by the new ones.</param>
    public Tensor Call(Tensor src, KeyValueCache cache)
    {
        ArgumentNullException.ThrowIfNull(src);
        ArgumentNullException.ThrowIfNull(cache);
        return CallWith(src, x => Forward(x, y => _attention.Call(y, cache)));
    }

    /// <inheritdoc/>
    public override Tensor Forward(Tensor input)
    {
        ArgumentNullException.ThrowIfNull(input);
        return Forward(input, null, null, false);
    }

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
