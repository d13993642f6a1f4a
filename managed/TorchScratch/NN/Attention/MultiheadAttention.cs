// Multi-head attention: Vaswani et al. (2017).

namespace TorchScratch.NN;

/// <summary>
/// Projects queries, keys and values to E features, splits them into heads, computes softmax(q k^T / sqrt(E / heads)) v
/// for each head, and projects the concatenated results. With batchFirst queries are (N, L, E), keys (N, S, kDim) and
/// values (N, S, vDim); without it the lengths come first: (L, N, E) and so on. N may be missing.
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

    /// <summary>A layer with PyTorch's default initialization.</summary>
    /// <param name="embedDim">The number of features of queries and outputs, E.</param>
    /// <param name="numHeads">The number of heads, a divisor of embedDim.</param>
    /// <param name="dropout">In training, the probability with which an attention weight is dropped.</param>
    /// <param name="bias">Whether the projections have biases.</param>
    /// <param name="addBiasKV">Whether to append a learned key and value to the sequence.</param>
    /// <param name="addZeroAttn">Whether to append a key and value of zeros to the sequence.</param>
    /// <param name="kDim">The number of features of keys; embedDim if not given.</param>
    /// <param name="vDim">The number of features of values; embedDim if not given.</param>
    /// <param name="batchFirst">Whether the batch dimension comes before the length.</param>
    /// <param name="dtype">Element type; the default floating-point type if not given.</param>
    /// <exception cref="ArgumentException">
    /// embedDim is not divisible by numHeads, or dropout is not in [0, 1].
    /// </exception>
    public MultiheadAttention(int embedDim, int numHeads, double dropout = 0, bool bias = true, bool addBiasKV = false,
        bool addZeroAttn = false, int? kDim = null, int? vDim = null, bool batchFirst = false, DType? dtype = null)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(embedDim, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(numHeads, 1);
        if (embedDim % numHeads != 0)
            throw new ArgumentException($"{embedDim} features cannot be divided into {numHeads} heads",
                nameof(numHeads));
        (EmbedDim, NumHeads, Dropout, BatchFirst, _addZeroAttention) =
            (embedDim, numHeads, Argument.Probability(dropout), batchFirst, addZeroAttn);
        var (keyFeatures, valueFeatures) = (kDim ?? embedDim, vDim ?? embedDim);
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
            (_keyBias, _valueBias) = (ExtraVector("bias_k"), ExtraVector("bias_v"));

        Parameter Projection(string name, int rows, int columns)
        {
            var parameter = RegisterParameter(name, new Parameter(Tensor.Empty([rows, columns], dtype)));
            Init.XavierUniform(parameter);
            return parameter;
        }

        Parameter ExtraVector(string name)
        {
            var parameter = RegisterParameter(name, new Parameter(Tensor.Empty([1, 1, embedDim], dtype)));
            Init.XavierNormal(parameter);
            return parameter;
        }
    }

    /// <summary>The number of features of queries and outputs, E.</summary>
    public int EmbedDim { get; }

    /// <summary>The number of heads.</summary>
    public int NumHeads { get; }

    /// <summary>In training, the probability with which an attention weight is dropped.</summary>
    public double Dropout { get; }

    /// <summary>Whether the batch dimension comes before the length.</summary>
    public bool BatchFirst { get; }

    /// <summary>Attends to keys and values.</summary>
    /// <param name="query">The queries, (N, L, E); shapes here and below are those with batchFirst.</param>
    /// <param name="key">The keys, (N, S, kDim).</param>
    /// <param name="value">The values, (N, S, vDim).</param>
    /// <param name="keyPaddingMask">(N, S): true, or minus infinity, for keys that no query attends to.</param>
    /// <param name="needWeights">
    /// Whether to return the attention weights; without them a fused operator saves memory.
    /// </param>
    /// <param name="attnMask">
    /// (L, S) or (N * heads, L, S): true where a query must not attend to a key, or numbers to add to the scores.
    /// </param>
    /// <param name="averageAttnWeights">Whether to average the returned weights over heads.</param>
    /// <param name="isCausal">Whether query i attends to the keys 0 ... i only.</param>
    /// <returns>
    /// The output, (N, L, E), and the weights, (N, L, S), or (N, heads, L, S) if not averaged;
    /// null without needWeights.
    /// </returns>
    /// <exception cref="ShapeException">The shapes of the inputs or masks do not fit together.</exception>
    /// <exception cref="DTypeException">A mask is neither bool nor floating point.</exception>
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
        // The scores and the weighted sums of values. The output projection is a Linear and counts itself.
        return 2 * (projections + 2 * queries * length * EmbedDim);
    }

    private (Tensor Output, Tensor? Weights) Forward((Tensor Query, Tensor Key, Tensor Value) input,
        AttentionMasks masks, bool needWeights, bool averageWeights)
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
        var extraKeys = 0;
        if (_keyBias is not null)
        {
            (k, v) = (Append(k, Heads(_keyBias).Expand(k.Size(0), -1, -1, -1)),
                Append(v, Heads(_valueBias!).Expand(v.Size(0), -1, -1, -1)));
            extraKeys++;
        }
        if (_addZeroAttention)
        {
            var zeros = Tensor.Zeros([k.Size(0), NumHeads, 1, EmbedDim / NumHeads], k.DType, k.Device);
            (k, v) = (Append(k, zeros), Append(v, zeros));
            extraKeys++;
        }
        // The fused operator skips the scores that a causal mask hides, if there is no other mask.
        var isCausal = !needWeights && extraKeys == 0 && masks is { KeyPadding: null, Attention: null, IsCausal: true };
        var mask = isCausal ? null : masks.Of(q, k, extraKeys, isBatched);
        var dropout = IsTraining ? Dropout : 0;
        Tensor output;
        Tensor? weights = null;
        if (needWeights)
        {
            var scores = (q * (1 / Math.Sqrt(q.Size(-1)))).MatMul(k.Transpose(-2, -1));
            weights = (mask is null ? scores : scores + mask).Softmax(-1);
            if (dropout > 0)
                weights = Functional.Dropout(weights, dropout, training: true);
            output = weights.MatMul(v);
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

    // From (N, length, features) to (N, heads, length, features per head).
    private (Tensor Query, Tensor Key, Tensor Value) Project(Tensor query, Tensor key, Tensor value,
        Func<Tensor, Tensor> batchFirst)
    {
        if (_inProjection is not null && ReferenceEquals(query, key) && ReferenceEquals(key, value))
        {
            var all = Functional.Linear(batchFirst(query), _inProjection, _inBias).Chunk(3, -1);
            return (Heads(all[0]), Heads(all[1]), Heads(all[2]));
        }
        return (Heads(ProjectOne(0, batchFirst(query), _queryProjection)),
            Heads(ProjectOne(1, batchFirst(key), _keyProjection)),
            Heads(ProjectOne(2, batchFirst(value), _valueProjection)));

        Tensor ProjectOne(int i, Tensor x, Parameter? projection) => Functional.Linear(x,
            projection ?? _inProjection!.Value.Narrow(0, i * EmbedDim, EmbedDim),
            _inBias?.Value.Narrow(0, i * EmbedDim, EmbedDim));
    }

    private Tensor Heads(Tensor x) => x.Unflatten(-1, NumHeads, EmbedDim / NumHeads).Transpose(1, 2);

    // Appends a key or value (N, heads, 1, features per head).
    private static Tensor Append(Tensor x, Tensor last) => Tensor.Cat([x, last], 2);
}
