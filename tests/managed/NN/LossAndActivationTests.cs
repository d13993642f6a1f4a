// Losses and activations that the conformance samples do not cover, and options of those they do.

using TorchScratch.NN;

namespace TorchScratch.Tests.NN;

public class LossAndActivationTests
{
    [Fact]
    public void FocalLossDownWeightsEasySamples()
    {
        var logits = Tensor.Randn([4, 3], DType.Float64);
        var target = Tensor.FromArray([0L, 2, 1, 1]);
        Assert.Equal(Functional.CrossEntropy(logits, target).ToDouble(),
            new FocalLoss(gamma: 0).Call(logits, target).ToDouble(), 1e-14);
        var p = logits.Softmax(1).Gather(1, target.Unsqueeze(1)).ToArray<double>();
        var expected = p.Average(value => -Math.Log(value) * Math.Pow(1 - value, 2));
        Assert.Equal(expected, new FocalLoss().Call(logits, target).ToDouble(), 1e-14);
        var weighted = new FocalLoss(weight: Tensor.FromArray([1.0, 2, 3]), reduction: Reduction.None)
            .Call(logits, target);
        Assert.Equal(-Math.Log(p[1]) * Math.Pow(1 - p[1], 2) * 3, weighted[1].ToDouble(), 1e-14);
    }

    [Fact]
    public void HingeLossIsZeroBeyondTheMargin() =>
        Assert.Equal([0f, 0.5f, 3],
            new HingeLoss(reduction: Reduction.None)
            .Call(Tensor.FromArray([2f, 0.5f, 2]), Tensor.FromArray([1f, 1, -1])).ToArray<float>());

    [Fact]
    public void MultiLabelMarginLossMatchesItsFormula()
    {
        // The example of PyTorch's documentation: targets 3 and 0, up to the -1.
        var input = Tensor.FromArray([0.1, 0.2, 0.4, 0.8]);
        var target = Tensor.FromArray([3L, 0, -1, 1]);
        var expected = 0.25 * ((1 - (0.1 - 0.2)) + (1 - (0.1 - 0.4)) + (1 - (0.8 - 0.2)) + (1 - (0.8 - 0.4)));
        Assert.Equal(expected, new MultiLabelMarginLoss().Call(input, target).ToDouble(), 1e-14);
        Assert.Equal([expected],
            new MultiLabelMarginLoss(Reduction.None).Call(input.Unsqueeze(0), target.Unsqueeze(0)).ToArray<double>(),
            (a, b) => Math.Abs(a - b) < 1e-14);
        Assert.Throws<ShapeException>(() => new MultiLabelMarginLoss().Call(input, target.Narrow(0, 0, 2)));
    }

    [Fact]
    public void CtcLossSumsOverAllAlignments()
    {
        const int Steps = 4, Classes = 3;
        var logProbs = Tensor.Randn([Steps, 2, Classes], DType.Float64).LogSoftmax(-1);
        long[][] targets = [[1, 1], [2]];
        var values = logProbs.ToArray<double>();
        var expected = targets.Select((target, n) => -Math.Log(Alignments(target, Steps, Classes)
            .Sum(path => Math.Exp(path.Select((c, t) => values[(t * 2 + n) * Classes + c]).Sum())))).ToArray();
        var lengths = (Input: Tensor.FromArray([4L, 4]), Target: Tensor.FromArray([2L, 1]));
        var padded = Tensor.FromArray(new long[,] { { 1, 1 }, { 2, 0 } });
        var losses = new CTCLoss(reduction: Reduction.None).Call(logProbs, padded, lengths.Input, lengths.Target)
            .ToArray<double>();
        Assert.Equal(expected, losses, (a, b) => Math.Abs(a - b) < 1e-12);
        var joined = new CTCLoss(reduction: Reduction.Sum)
            .Call(logProbs, Tensor.FromArray([1L, 1, 2]), lengths.Input, lengths.Target);
        Assert.Equal(expected.Sum(), joined.ToDouble(), 1e-12);
        Assert.Equal((expected[0] / 2 + expected[1]) / 2,
            new CTCLoss().Call(logProbs, padded, lengths.Input, lengths.Target).ToDouble(), 1e-12);
        // Fewer steps change the loss of the second sample only.
        var shorter = new CTCLoss(reduction: Reduction.None)
            .Call(logProbs, padded, Tensor.FromArray([4L, 2]), lengths.Target).ToArray<double>();
        var ofTwo = -Math.Log(Alignments(targets[1], 2, Classes)
            .Sum(path => Math.Exp(path.Select((c, t) => values[(t * 2 + 1) * Classes + c]).Sum())));
        Assert.Equal([expected[0], ofTwo], shorter, (a, b) => Math.Abs(a - b) < 1e-12);
    }

    [Fact]
    public void CtcLossOfAnImpossibleTargetIsInfiniteOrZero()
    {
        var logits = Tensor.Randn([2, 1, 3], DType.Float64).RequiresGrad_();
        var (target, two) = (Tensor.FromArray(new long[,] { { 1, 1 } }), Tensor.FromArray([2L]));
        Assert.Equal(double.PositiveInfinity, new CTCLoss().Call(logits.LogSoftmax(-1), target, two, two).ToDouble());
        var loss = new CTCLoss(zeroInfinity: true).Call(logits.LogSoftmax(-1), target, two, two);
        loss.Backward();
        Assert.Equal(0, loss.ToDouble());
        Assert.All(logits.Grad!.ToArray<double>(), gradient => Assert.Equal(0, gradient));
        Assert.Throws<ValueException>(() => new CTCLoss(blank: 3).Call(logits, target, two, two));
        Assert.Throws<ValueException>(() => new CTCLoss().Call(logits, target, Tensor.FromArray([3L]), two));
        Assert.Throws<TensorIndexException>(() =>
            new CTCLoss().Call(logits, Tensor.FromArray(new long[,] { { 5, 1 } }), two, two));
    }

    [Fact]
    public void CtcGradientsMatchDifferences()
    {
        var x = Tensor.Randn([4, 1, 3], DType.Float64).RequiresGrad_();
        var (target, steps, classes) = (Tensor.FromArray(new long[,] { { 1, 2 } }), Tensor.FromArray([4L]),
            Tensor.FromArray([2L]));
        Loss(x).Backward();
        var gradient = x.Grad!.ToArray<double>();
        var values = x.Detach().ToArray<double>();
        for (var i = 0; i < values.Length; i++)
        {
            Assert.Equal((Moved(i, 1e-5) - Moved(i, -1e-5)) / 2e-5, gradient[i], 1e-8);
        }

        double Moved(int i, double by)
        {
            var moved = (double[])values.Clone();
            moved[i] += by;
            return Loss(Tensor.FromArray(moved, (4, 1, 3))).ToDouble();
        }

        Tensor Loss(Tensor logits) => new CTCLoss().Call(logits.LogSoftmax(-1), target, steps, classes);
    }

    [Fact]
    public void ActivationsFollowTheirFormulas()
    {
        double[] x = [-3, -0.7, -0.2, 0.3, 0.9, 4];
        Check(new ReLU6(), v => Math.Clamp(v, 0, 6));
        Check(new Threshold(0.5, -2), v => v > 0.5 ? v : -2);
        Check(new Hardtanh(-0.5, 2), v => Math.Clamp(v, -0.5, 2));
        Check(new Hardsigmoid(), v => Math.Clamp(v / 6 + 0.5, 0, 1));
        Check(new Hardshrink(0.5), v => Math.Abs(v) > 0.5 ? v : 0);
        Check(new Softshrink(0.5), v => v > 0.5 ? v - 0.5 : v < -0.5 ? v + 0.5 : 0);
        Check(new CELU(2), v => Math.Max(0, v) + Math.Min(0, 2 * (Math.Exp(v / 2) - 1)));
        Check(new SELU(), v => 1.0507009873554805 * (v > 0 ? v : 1.6732632423543772 * (Math.Exp(v) - 1)));
        Check(new LogSigmoid(), v => -Math.Log(1 + Math.Exp(-v)));
        Check(new Softsign(), v => v / (1 + Math.Abs(v)));
        Check(new Tanhshrink(), v => v - Math.Tanh(v));
        Check(new Softplus(beta: 2), v => Math.Log(1 + Math.Exp(2 * v)) / 2);
        Check(new GLU(0), null);
        using var random = new RReLU(0.2, 0.4);
        Assert.All(random.Call(Tensor.FromArray([-1.0, -1, -1])).ToArray<double>(), v => Assert.InRange(v, -0.4, -0.2));
        random.Eval();
        Check(random, v => v > 0 ? v : 0.3 * v);
        Assert.Throws<ArgumentException>(() => new RReLU(0.5, 0.1));
        Assert.Equal(1, new Softmax2d().Call(Tensor.Randn([2, 3, 4, 4], DType.Float64)).Sum(1)[0, 0, 0]
            .ToDouble(), 1e-14);
        Assert.Equal("Softplus(beta=2, threshold=20)", new Softplus(2).ToString());

        void Check(Module<Tensor, Tensor> module, Func<double, double>? formula)
        {
            var result = module.Call(Tensor.FromArray(x)).ToArray<double>();
            double[] expected = formula is null
                ? [.. Enumerable.Range(0, 3).Select(i => x[i] / (1 + Math.Exp(-x[i + 3])))]
                : Array.ConvertAll(x, v => formula(v));
            Assert.Equal(expected.Length, result.Length);
            for (var i = 0; i < expected.Length; i++)
                Assert.True(Math.Abs(expected[i] - result[i]) < 1e-13,
                    $"{module} of {x[i]}: {result[i]} instead of {expected[i]}");
        }
    }

    [Fact]
    public void EmbeddingOptionsTakeEffect()
    {
        using var table = new Embedding(4, 2, paddingIdx: -1, maxNorm: 1);
        Assert.Equal(3, table.PaddingIdx);
        Assert.Equal([0f, 0], table.Weight.Value[3].ToArray<float>());
        Init.Constant(table.Weight, 3);
        var rows = table.Call(Tensor.FromArray([1L, 1, 3]));
        Assert.Equal(1, rows[0].Norm().ToDouble(), 1e-5);
        Assert.Equal([3f, 3], table.Weight.Value[0].Detach().ToArray<float>());
        rows.Sum().Backward();
        Assert.Equal([0f, 0, 2, 2, 0, 0, 0, 0], table.Weight.Grad!.ToArray<float>());
        using var known = Embedding.FromPretrained(Tensor.Ones([2, 3]));
        Assert.False(known.Weight.RequiresGrad);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Embedding(4, 2, paddingIdx: 4));
        Assert.Equal("Embedding(4, 2, padding_idx=3)", table.ToString());
    }

    [Fact]
    public void ReshapingLayersChangeShapes()
    {
        Assert.Equal([2L, 3, 4], new Unflatten(1, 3, 4).Call(Tensor.Zeros([2, 12])).Shape.ToArray());
        Assert.Equal([1L, 2, 6, 6], new PixelShuffle(2).Call(Tensor.Zeros([1, 8, 3, 3])).Shape.ToArray());
        Assert.Equal([1L, 8, 3, 3], new PixelUnshuffle(2).Call(Tensor.Zeros([1, 2, 6, 6])).Shape.ToArray());
        Assert.Equal([1L, 2, 6, 9], new Upsample(scaleFactor: 3).Call(Tensor.Zeros([1, 2, 2, 3])).Shape.ToArray());
        Assert.Equal([1L, 2, 5, 5],
            new Upsample([5], mode: InterpolationMode.Bilinear).Call(Tensor.Zeros([1, 2, 2, 3])).Shape.ToArray());
        Assert.Throws<ArgumentException>(() => new Upsample());
        Assert.Equal([5L, 2], new Bilinear(3, 4, 2).Call(Tensor.Zeros([5, 3]), Tensor.Zeros([5, 4])).Shape.ToArray());
    }

    // All paths that give the target when repetitions are merged and blanks (class 0) are removed.
    private static IEnumerable<int[]> Alignments(long[] target, int steps, int classes)
    {
        for (var code = 0; code < Math.Pow(classes, steps); code++)
        {
            var path = Enumerable.Range(0, steps).Select(t => code / (int)Math.Pow(classes, t) % classes).ToArray();
            var read = path.Where((c, t) => c != 0 && (t == 0 || path[t - 1] != c)).Select(c => (long)c);
            if (read.SequenceEqual(target))
                yield return path;
        }
    }

    // Predictions (N, 1) and targets (N) would be compared in all N x N pairs.
    [Fact]
    public void PredictionsAndTargetsAreNotBroadcastToPairs()
    {
        using var scope = Tensor.Scope();
        var input = Tensor.Rand((3, 1));
        foreach (var target in new[] { Tensor.Rand(3), Tensor.Rand((3, 3)), Tensor.FromScalar(0.5f) })
        {
            foreach (var loss in (Func<Tensor, Tensor, Tensor>[])[
                (a, b) => Functional.MseLoss(a, b), (a, b) => Functional.L1Loss(a, b),
                (a, b) => Functional.SmoothL1Loss(a, b), (a, b) => Functional.SmoothL1Loss(a, b, beta: 0),
                (a, b) => Functional.HuberLoss(a, b), (a, b) => Functional.SoftMarginLoss(a, b),
                (a, b) => Functional.BinaryCrossEntropy(a, b), (a, b) => Functional.BinaryCrossEntropyWithLogits(a, b)])
            {
                var error = Assert.Throws<ShapeException>(() => loss(input, target));
                Assert.Contains("must have the shape of input", error.Message, StringComparison.Ordinal);
                Assert.Throws<ShapeException>(() => loss(target, input));
            }
        }
        // These may broadcast one to the other, as in PyTorch, but not both.
        foreach (var loss in (Func<Tensor, Tensor, Tensor>[])[
            (a, b) => Functional.KlDiv(a, b), (a, b) => Functional.PoissonNllLoss(a, b),
            (a, b) => Functional.HingeEmbeddingLoss(a, b), (a, b) => Functional.MultiLabelSoftMarginLoss(a, b),
            (a, b) => Functional.GaussianNllLoss(a, b, Tensor.OnesLike(a))])
        {
            Assert.Throws<ShapeException>(() => loss(input, Tensor.Rand(3)));
            Assert.Throws<ShapeException>(() => loss(Tensor.Rand(3), input));
            Assert.True(float.IsFinite(loss(Tensor.Rand((3, 3)), Tensor.Rand((3, 1)) + 0.5f).ToSingle()));
        }
    }
}
