// Attention in several subspaces at once: Vaswani et al. (2017).

namespace TorchScratch.NN;

/// <summary>
/// Of queries (N, L, E), keys (N, S, kdim) and values (N, S, vdim), all projected to E features and cut into heads: for
/// each head softmax(q k^T / sqrt(E / heads)) v, put together and projected. Without batchFirst the lengths come before
/// N; N may be missing.
/// </summary>
public sealed partial class MultiheadAttention
    : Module<(Tensor Query, Tensor Key, Tensor Value), (Tensor Output, Tensor? Weights)>, ICountsFlops
{
    private readonly Parameter? _inProjection;
    private readonly Parameter? _queryProjection, _keyProjection, _valueProjection;
    private readonly Parameter? _inBias;
    private readonly Parameter? _keyBias, _valueBias;
    private readonly Linear _outProjection;
    private readonly bool _addZeroAttention;

    /// <summary>A layer with PyTorch's first values.</summary>
    /// <param name="embedDim">E.</param>
    /// <param name="numHeads">Heads, a divisor of E.</param>
    /// <param name="dropout">In training, the probability that a weight is dropped.</param>
    /// <param name="bias">Whether the projections have biases.</param>
    /// <param name="addBiasKV">Whether there is one more key and value, learned.</param>
    /// <param name="addZeroAttn">Whether there is one more key and value, of zeros.</param>
    /// <param name="kdim">Features of keys; E if not given.</param>
    /// <param name="vdim">Features of values; E if not given.</param>
    /// <param name="batchFirst">Whether the batch comes before the length.</param>
    /// <param name="dtype">Element type; the default one if not given.</param>
    /// <exception cref="ArgumentException">E is not divisible by the heads, or dropout is no probability.</exception>
    public MultiheadAttention(int embedDim, int numHeads, double dropout = 0, bool bias = true, bool addBiasKV = false,
        bool addZeroAttn = false, int? kdim = null, int? vdim = null, bool batchFirst = false, DType? dtype = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(embedDim, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(numHeads, 1);
        if (embedDim % numHeads != 0)
            throw new ArgumentException($"{embedDim} features cannot be divided into {numHeads} heads",
                nameof(numHeads));
        if (dropout is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(dropout), dropout, "a probability lies in [0, 1]");
        (EmbedDim, NumHeads, Dropout, BatchFirst, _addZeroAttention) = (embedDim, numHeads, dropout, batchFirst,
            addZeroAttn);
        var (keyFeatures, valueFeatures) = (kdim ?? embedDim, vdim ?? embedDim);
        if (keyFeatures == embedDim && valueFeatures == embedDim)
        {
            _inProjection = Projection("in_proj_weight", 3 * embedDim, embedDim);
        }
        else
        {
            _queryProjection = Projection("q_proj_weight", embedDim, embedDim);
            _keyProjection = Projection("k_proj_weight", embedDim, keyFeatures);
            _valueProjection = Projection("v_proj_weight", embedDim, valueFeatures);
        }
        if (bias)
            _inBias = RegisterParameter("in_proj_bias", new Parameter(Tensor.Zeros([3 * embedDim], dtype)));
        _outProjection = RegisterModule("out_proj", new Linear(embedDim, embedDim, bias, dtype));
        if (_outProjection.Bias is not null)
            Init.Constant(_outProjection.Bias, 0);
        if (addBiasKV)
            (_keyBias, _valueBias) = (OneMore("bias_k"), OneMore("bias_v"));

        Parameter Projection(string name, int rows, int columns)
        {
            var parameter = RegisterParameter(name, new Parameter(Tensor.Empty([rows, columns], dtype)));
            Init.XavierUniform(parameter);
            return parameter;
        }

        Parameter OneMore(string name)
        {
            var parameter = RegisterParameter(name, new Parameter(Tensor.Empty([1, 1, embedDim], dtype)));
            Init.XavierNormal(parameter);
            return parameter;
        }
    }

    /// <summary>E.</summary>
    public int EmbedDim { get; }

    /// <summary>The number of heads.</summary>
    public int NumHeads { get; }

    /// <summary>In training, the probability that a weight is dropped.</summary>
    public double Dropout { get; }

    /// <summary>Whether the batch comes before the length.</summary>
    public bool BatchFirst { get; }

    /// <summary>
    /// The output, (N, L, E), and the weights, (N, L, S), or (N, heads, L, S) if they are not averaged.
    /// </summary>
    /// <param name="query">(N, L, E).</param>
    /// <param name="key">(N, S, kdim).</param>
    /// <param name="value">(N, S, vdim).</param>
    /// <param name="keyPaddingMask">(N, S): true, or minus infinity, for keys that nobody sees.</param>
    /// <param name="needWeights">Whether to give the weights; without them, memory is saved.</param>
    /// <param name="attnMask">
    /// (L, S) or (N * heads, L, S): true for pairs that do not see each other, or numbers to add.
    /// </param>
    /// <param name="averageAttnWeights">Whether to average the weights over heads.</param>
    /// <param name="isCausal">Whether position i sees the keys 0 ... i alone.</param>
    public (Tensor Output, Tensor? Weights) Call(Tensor query, Tensor key, Tensor value, Tensor? keyPaddingMask = null,
        bool needWeights = true, Tensor? attnMask = null, bool averageAttnWeights = true, bool isCausal = false) =>
        CallWith((query, key, value), input =>
            Forward(input, new(keyPaddingMask, attnMask, isCausal), needWeights, averageAttnWeights));

    /// <inheritdoc/>
    public override (Tensor Output, Tensor? Weights) Forward((Tensor Query, Tensor Key, Tensor Value) input) =>
        Forward(input, default, needWeights: true, averageWeights: true);

    long ICountsFlops.CountFlops(object? input, object? output)
    {
        var (query, key, value) = ((Tensor, Tensor, Tensor))input!;
        var (queries, keys) = (query.ElementCount / query.Size(-1), key.ElementCount / key.Size(-1));
        var length = key.NDim == 2 ? key.Size(0) : key.Size(BatchFirst ? 1 : 0);
        var projections = queries * EmbedDim * EmbedDim + keys * EmbedDim * (key.Size(-1) + value.Size(-1));
        // Scores, and the sums of values; the projection behind them is a module of its own.
        return 2 * (projections + 2 * queries * length * EmbedDim);
    }

    private (Tensor Output, Tensor? Weights) Forward((Tensor Query, Tensor Key, Tensor Value) input,
        AttentionMasks masks,
        bool needWeights, bool averageWeights)
    {
        var (query, key, value) = input;
        ArgumentNullException.ThrowIfNull(query);
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(value);
        if (query.NDim is not (2 or 3) || key.NDim != query.NDim || value.NDim != query.NDim)
        {
            throw new ShapeException(
                "MultiheadAttention: query, key and value must all have 3 dimensions, or 2 without a batch, got " +
                $"shapes {query.ShapeText}, {key.ShapeText} and {value.ShapeText}");
        }
        var isBatched = query.NDim == 3;
        var (q, k, v) = Project(query, key, value,
            x => !isBatched ? x.Unsqueeze(0) : BatchFirst ? x : x.Transpose(0, 1));
        var moreKeys = 0;
        if (_keyBias is not null)
        {
            (k, v) = (WithOneMore(k, Heads(_keyBias).Expand(k.Size(0), -1, -1, -1)),
                WithOneMore(v, Heads(_valueBias!).Expand(v.Size(0), -1, -1, -1)));
            moreKeys++;
        }
        if (_addZeroAttention)
        {
            var zeros = Tensor.Zeros([k.Size(0), NumHeads, 1, EmbedDim / NumHeads], k.DType);
            (k, v) = (WithOneMore(k, zeros), WithOneMore(v, zeros));
            moreKeys++;
        }
        // The fused operator skips what a causal mask alone hides.
        var isCausal = !needWeights && moreKeys == 0 && masks is { KeyPadding: null, Attention: null, IsCausal: true };
        var mask = isCausal ? null : masks.Of(q, k, moreKeys, isBatched);
        var dropout = IsTraining ? Dropout : 0;
        Tensor output;
        Tensor? weights = null;
        if (needWeights)
        {
            var scores = (q * (1 / Math.Sqrt(q.Size(-1)))).Matmul(k.Transpose(-2, -1));
            weights = (mask is null ? scores : scores + mask).Softmax(-1);
            if (dropout > 0)
                weights = Functional.Dropout(weights, dropout, training: true);
            output = weights.Matmul(v);
        }
        else
        {
            output = Functional.ScaledDotProductAttention(q, k, v, mask, dropout, isCausal);
        }
        output = _outProjection.Call(output.Transpose(1, 2).Flatten(2));
        if (weights is not null && averageWeights)
            weights = weights.Mean(1);
        return isBatched
            ? (BatchFirst ? output : output.Transpose(0, 1), weights)
            : (output.Squeeze(0), weights?.Squeeze(0));
    }

    // (N, length, features) to (N, heads, length, features of a head).
    private (Tensor Query, Tensor Key, Tensor Value) Project(Tensor query, Tensor key, Tensor value,
        Func<Tensor, Tensor> batchFirst)
    {
        if (_inProjection is not null && ReferenceEquals(query, key) && ReferenceEquals(key, value))
        {
            var all = Functional.Linear(batchFirst(query), _inProjection, _inBias).Chunk(3, -1);
            return (Heads(all[0]), Heads(all[1]), Heads(all[2]));
        }
        return (Heads(One(0, batchFirst(query), _queryProjection)), Heads(One(1, batchFirst(key), _keyProjection)),
            Heads(One(2, batchFirst(value), _valueProjection)));

        Tensor One(int i, Tensor x, Parameter? projection) => Functional.Linear(x,
            projection ?? _inProjection!.Value.Narrow(0, i * EmbedDim, EmbedDim),
            _inBias?.Value.Narrow(0, i * EmbedDim, EmbedDim));
    }

    private Tensor Heads(Tensor x) => x.Unflatten(-1, NumHeads, EmbedDim / NumHeads).Transpose(1, 2);

    // A last key or value, (N, heads, 1, features of a head).
    private static Tensor WithOneMore(Tensor x, Tensor last) => Tensor.Cat([x, last], 2);
}
