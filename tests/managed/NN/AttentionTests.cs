// Attention, transformer layers and position encodings.

using TorchScratch.NN;

namespace TorchScratch.Tests.NN;

public class AttentionTests
{
    private const double Tolerance = 1e-12;

    [Fact]
    public void WithoutWeightsTheOutputIsTheSame()
    {
        using var attention = Make(new MultiheadAttention(8, 2, batchFirst: true, dtype: DType.Float64));
        var (query, key) = (Tensor.Randn([2, 5, 8], DType.Float64), Tensor.Randn([2, 3, 8], DType.Float64));
        var padding = Tensor.FromArray(new bool[,] { { false, false, true }, { false, false, false } });
        var mask = Tensor.Randn([4, 5, 3], DType.Float64);
        var (output, weights) = attention.Call(query, key, key, padding, needWeights: true, attnMask: mask);
        var (same, none) = attention.Call(query, key, key, padding, needWeights: false, attnMask: mask);
        AssertClose(output, same);
        Assert.Null(none);
        Assert.Equal([2L, 5, 3], weights!.Shape.ToArray());
        Assert.All(weights.Select(0, 0).Select(1, 2).ToArray<double>(), weight => Assert.Equal(0, weight));
        Assert.All(weights.Sum(-1).ToArray<double>(), sum => Assert.Equal(1, sum, Tolerance));
        var heads = attention.Call(query, key, key, averageAttnWeights: false).Weights!;
        Assert.Equal([2L, 2, 5, 3], heads.Shape.ToArray());
    }

    [Fact]
    public void BoolAndAdditiveMasksAgree()
    {
        using var attention = Make(new MultiheadAttention(8, 4, dtype: DType.Float64));
        var x = Tensor.Randn([5, 2, 8], DType.Float64);
        var ahead = Tensor.Ones([5, 5], DType.Bool).Triu(1);
        var added = Tensor.Zeros([5, 5], DType.Float64).MaskedFill(ahead, double.NegativeInfinity);
        var expected = attention.Call(x, x, x, attnMask: ahead).Output;
        AssertClose(expected, attention.Call(x, x, x, attnMask: added).Output);
        AssertClose(expected, attention.Call(x, x, x, isCausal: true).Output);
        // The first position attends to itself only.
        AssertClose(expected.Narrow(0, 0, 1),
            attention.Call(x.Narrow(0, 0, 1), x.Narrow(0, 0, 1), x.Narrow(0, 0, 1)).Output);
    }

    [Fact]
    public void JointAndSeparateProjectionsAgree()
    {
        using var joint = Make(new MultiheadAttention(4, 2, batchFirst: true, dtype: DType.Float64));
        var x = Tensor.Randn([2, 3, 4], DType.Float64);
        // Clones are projected separately, because they are not the same tensor.
        AssertClose(joint.Call(x, x, x).Output, joint.Call(x, x.Clone(), x.Clone()).Output);
        AssertClose(joint.Call(x, x, x).Output.Select(0, 1), joint.Call(x[1], x[1], x[1]).Output);
        using var wide = new MultiheadAttention(4, 2, kDim: 6, vDim: 5, batchFirst: true);
        Assert.Equal(["q_proj_weight", "k_proj_weight", "v_proj_weight", "in_proj_bias", "out_proj.weight",
            "out_proj.bias"], wide.StateDict().Keys);
        Assert.Equal([2L, 3, 4],
            wide.Call(Tensor.Randn([2, 3, 4]), Tensor.Randn([2, 7, 6]), Tensor.Randn([2, 7, 5]))
            .Output.Shape.ToArray());
    }

    [Fact]
    public void ExtraKeysAndMasksMatchPyTorch()
    {
        using var attention = new MultiheadAttention(4, 2, addBiasKV: true, addZeroAttn: true, batchFirst: true,
            dtype: DType.Float64);
        Assert.Equal(["in_proj_weight", "in_proj_bias", "bias_k", "bias_v", "out_proj.weight", "out_proj.bias"],
            attention.StateDict().Keys);
        Sines.Fill(attention);
        var (query, key, value) = (Sines.Of([1, 2, 4], 1), Sines.Of([1, 3, 4], 2), Sines.Of([1, 3, 4], 3));
        var padding = Tensor.FromArray(new bool[,] { { false, false, true } });
        var mask = Tensor.FromArray(new bool[,] { { false, true, false }, { false, false, false } });
        // torch.nn.MultiheadAttention of PyTorch 1.13 with the same numbers, printed with 12 digits.
        double[] expected = [-0.738510739188, -0.992112974669, -0.271497379166, -0.418045529152, -2.3309919698,
            -0.0918641394247, 0.144100034752, -1.86159956131];
        double[] expectedWeights = [0.0224896816311, 0, 0, 0.301435439944, 0.676074878425, 0.911594171999,
            0.00638777762703, 0, 0.0327590600062, 0.0492589903676];
        var (output, weights) = attention.Call(query, key, value, padding, attnMask: mask);
        Sines.AssertEqual(expected, output);
        Sines.AssertEqual(expectedWeights, weights!);
        Sines.AssertEqual(expected,
            attention.Call(query, key, value, padding, needWeights: false, attnMask: mask).Output);
        // The error about a mask of the wrong size counts only the keys that the caller passed.
        var error = Assert.Throws<ShapeException>(() =>
            attention.Call(query, key, value, attnMask: Tensor.Zeros([2, 5])));
        Assert.Contains("attnMask must have shape (2, 3)", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AZeroKeyGetsAllWeightWhenOthersAreMasked()
    {
        using var attention = Make(
            new MultiheadAttention(4, 1, addZeroAttn: true, batchFirst: true, dtype: DType.Float64));
        var x = Tensor.Randn([1, 3, 4], DType.Float64);
        var weights = attention.Call(x, x, x, keyPaddingMask: Tensor.Ones([1, 3], DType.Bool)).Weights!;
        Assert.Equal([1L, 3, 4], weights.Shape.ToArray());
        Assert.All(weights.Select(2, 3).ToArray<double>(), weight => Assert.Equal(1, weight));
    }

    [Fact]
    public void AnEncoderCallsItsLayersInOrder()
    {
        using var encoder = new TransformerEncoder(() =>
            new TransformerEncoderLayer(8, 2, 16, dropout: 0, dtype: DType.Float64), 2,
            new LayerNorm(8, dtype: DType.Float64));
        var x = Tensor.Randn([5, 2, 8], DType.Float64);
        using var norm = new LayerNorm(8, dtype: DType.Float64);
        AssertClose(norm.Call(encoder.Layers[1].Call(encoder.Layers[0].Call(x))), encoder.Call(x));
        Assert.Contains("layers.1.self_attn.in_proj_weight", encoder.StateDict().Keys);
        Assert.Contains("norm.weight", encoder.StateDict().Keys);
        // Causal: later positions have no effect.
        var changed = Tensor.Cat([x.Narrow(0, 0, 3), Tensor.Randn([2, 2, 8], DType.Float64)]);
        AssertClose(encoder.Call(x, null, isCausal: true).Narrow(0, 0, 3),
            encoder.Call(changed, null, isCausal: true).Narrow(0, 0, 3));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void ACacheGivesTheSameOutputsAsTheWholeSequence(bool batchFirst)
    {
        using var encoder = new TransformerEncoder(() => new TransformerEncoderLayer(8, 2, 16, dropout: 0.5,
            batchFirst: batchFirst, normFirst: true, dtype: DType.Float64), 2, new LayerNorm(8, dtype: DType.Float64));
        encoder.Eval();
        using var noGrad = Autograd.NoGrad();
        var text = Tensor.Randn(batchFirst ? [3, 7, 8] : [7, 3, 8], DType.Float64);
        var dim = batchFirst ? 1 : 0;
        var expected = encoder.Call(text, null, isCausal: true);
        var caches = encoder.NewCaches(7);
        var at = 0;
        foreach (var count in new[] { 3, 1, 2, 1 })
        {
            using var scope = Tensor.Scope();  // the contents of the caches outlive it
            AssertClose(expected.Narrow(dim, at, count), encoder.Call(text.Narrow(dim, at, count), caches));
            at += count;
        }
        Assert.All(caches, cache => Assert.Equal(7, cache.Length));

        // Another continuation of the same prefix.
        foreach (var cache in caches)
            cache.Truncate(5);
        AssertClose(expected.Narrow(dim, 5, 2), encoder.Call(text.Narrow(dim, 5, 2), caches));
        Assert.Contains("no room for 1 more positions after 7 of 7",
            Assert.Throws<ValueException>(() => encoder.Call(text.Narrow(dim, 0, 1), caches)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void MisuseOfACacheIsAnError()
    {
        using var attention = new MultiheadAttention(4, 2, batchFirst: true);
        using var cache = new KeyValueCache(4);
        Assert.Throws<AutogradException>(() => attention.Call(Tensor.Randn([1, 2, 4]), cache));
        using var noGrad = Autograd.NoGrad();
        attention.Call(Tensor.Randn([1, 2, 4]), cache);
        Assert.Throws<ShapeException>(() => attention.Call(Tensor.Randn([2, 1, 4]), cache));
        // Options that a cache does not support.
        foreach (var other in new[] { new MultiheadAttention(4, 2, addBiasKV: true, batchFirst: true),
            new MultiheadAttention(4, 2, addZeroAttn: true), new MultiheadAttention(4, 2, kDim: 3),
            new MultiheadAttention(4, 2, vDim: 3) })
        {
            using var empty = new KeyValueCache(4);
            Assert.Contains("addBiasKV", Assert.Throws<TensorNotSupportedException>(() =>
                other.Call(Tensor.Randn([1, 2, 4]), empty)).Message, StringComparison.Ordinal);
            Assert.Equal(0, empty.Length);
        }
        Assert.Throws<ShapeException>(() => attention.Call(Tensor.Randn([2, 4]), cache));
        Assert.Equal(2, cache.Length);
        cache.Dispose();
        Assert.Throws<ObjectDisposedException>(() => attention.Call(Tensor.Randn([1, 1, 4]), cache));
        using var encoder = new TransformerEncoder(() => new TransformerEncoderLayer(4, 2, 8), 2);
        Assert.Throws<ArgumentException>(() => encoder.Call(Tensor.Randn([1, 1, 4]), [new KeyValueCache(2)]));
    }

    [Fact]
    public void ADecoderAttendsToItsMemory()
    {
        using var decoder = new TransformerDecoder(() =>
            new TransformerDecoderLayer(8, 2, 16, dropout: 0, batchFirst: true, normFirst: true,
                dtype: DType.Float64), 2);
        var (target, memory) = (Tensor.Randn([2, 4, 8], DType.Float64), Tensor.Randn([2, 3, 8], DType.Float64));
        var padding = Tensor.FromArray(new bool[,] { { false, false, true }, { false, false, true } });
        var expected = decoder.Call(target, memory.Narrow(1, 0, 2));
        AssertClose(expected, decoder.Call(target, memory, null, memoryKeyPaddingMask: padding));
        Assert.True((expected - decoder.Call(target, memory)).Abs().Max().ToDouble() > 1e-6);
    }

    [Fact]
    public void SinusoidalEncodingsAreSinesAndCosines()
    {
        using var encoding = new SinusoidalPositionalEncoding(4, maxLength: 10, dtype: DType.Float64);
        Assert.Empty(encoding.StateDict());
        var waves = encoding.Call(Tensor.Zeros([1, 3, 4], DType.Float64)).ToArray<double>();
        double[] expected = [Math.Sin(2), Math.Cos(2), Math.Sin(0.02), Math.Cos(0.02)];
        for (var i = 0; i < 4; i++)
            Assert.Equal(expected[i], waves[8 + i], 1e-15);
        using var lengthFirst = new SinusoidalPositionalEncoding(4, batchFirst: false, dtype: DType.Float64);
        Assert.Equal(waves, lengthFirst.Call(Tensor.Zeros([3, 1, 4], DType.Float64)).ToArray<double>());
        Assert.Throws<ShapeException>(() => encoding.Call(Tensor.Zeros([11, 4], DType.Float64)));
        Assert.Throws<ArgumentException>(() => new SinusoidalPositionalEncoding(3));
    }

    [Fact]
    public void RotaryProductsDependOnDistances()
    {
        using var rotary = new RotaryPositionalEncoding(6, 20, dtype: DType.Float64);
        var (q, k) = (Tensor.Randn([6], DType.Float64), Tensor.Randn([6], DType.Float64));
        var near = At(q, 5).Dot(At(k, 3)).ToDouble();
        Assert.Equal(near, At(q, 12).Dot(At(k, 10)).ToDouble(), Tolerance);
        Assert.Equal(q.Norm().ToDouble(), At(q, 9).Norm().ToDouble(), Tolerance);
        AssertClose(q, At(q, 0));
        var sequence = Tensor.Randn([2, 4, 6], DType.Float64);
        AssertClose(rotary.Call(sequence).Narrow(1, 2, 2), rotary.Call(sequence.Narrow(1, 2, 2), 2));
        Assert.Throws<ShapeException>(() => rotary.Call(sequence, 17));

        Tensor At(Tensor x, long position) => rotary.Call(x.Unsqueeze(0), position).Squeeze(0);
    }

    [Fact]
    public void InvalidArgumentsAreErrors()
    {
        using var attention = new MultiheadAttention(8, 2, batchFirst: true);
        var x = Tensor.Zeros([2, 5, 8]);
        Assert.Throws<ArgumentException>(() => new MultiheadAttention(8, 3));
        Assert.Contains("keyPaddingMask",
            Assert.Throws<ShapeException>(() => attention.Call(x, x, x, Tensor.Zeros([2, 4], DType.Bool))).Message,
            StringComparison.Ordinal);
        Assert.Contains("attnMask",
            Assert.Throws<ShapeException>(() => attention.Call(x, x, x, attnMask: Tensor.Zeros([4, 5]))).Message,
            StringComparison.Ordinal);
        Assert.Throws<DTypeException>(() => attention.Call(x, x, x, Tensor.Zeros([2, 5], DType.Int64)));
        Assert.Throws<ShapeException>(() => attention.Call(x, x[0], x));
    }

    // Initializes the biases with numbers other than 0.
    private static MultiheadAttention Make(MultiheadAttention attention)
    {
        foreach (var parameter in attention.Parameters().Where(parameter => parameter.Shape.Length == 1))
            Init.Normal(parameter);
        return attention;
    }

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape.ToArray(), actual.Shape.ToArray());
        Assert.InRange((expected - actual).Abs().Max().ToDouble(), 0, Tolerance);
    }
}
