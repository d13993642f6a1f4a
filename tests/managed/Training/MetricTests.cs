// Metrics against values computed by hand, in several batches and in one, and the inputs that they refuse.

using TorchScratch.Training;

namespace TorchScratch.Tests.Training;

public class MetricTests
{
    private static readonly float[,] Scores =
    {
        { 0.1f, 0.7f, 0.2f }, { 0.5f, 0.3f, 0.2f }, { 0.2f, 0.3f, 0.5f }, { 0.6f, 0.3f, 0.1f }, { 0.1f, 0.5f, 0.4f },
    };

    private static readonly long[] Targets = [1, 0, 1, 2, 1];

    [Fact]
    public void AccuracyCountsRightAnswersOverBatches()
    {
        var accuracy = new Accuracy();
        Assert.True(double.IsNaN(accuracy.Value));
        using var scores = Tensor.FromArray(Scores);
        using var targets = Tensor.FromArray(Targets);
        accuracy.Update(scores[..2], targets[..2]);
        Assert.Equal(1, accuracy.Value);
        accuracy.Update(scores[2..], targets[2..]);
        Assert.Equal((3, 5), (accuracy.Correct, accuracy.Total));
        Assert.Equal("accuracy 60.00 %", accuracy.ToString());
        accuracy.Reset();
        Assert.True(double.IsNaN(accuracy.Value));
    }

    [Theory]
    [InlineData(1, 0.6)]
    [InlineData(2, 0.8)]
    [InlineData(3, 1.0)]
    [InlineData(7, 1.0)]
    public void TopKLooksAtTheHighestScores(int k, double expected)
    {
        var accuracy = new Accuracy(k);
        accuracy.Update(Tensor.FromArray(Scores), Tensor.FromArray(Targets));
        Assert.Equal(expected, accuracy.Value, 12);
    }

    [Fact]
    public void ClassesMayLieInAnyDimensionAndTargetsMayBeIgnored()
    {
        // (N, T, C) and (N, C, T) must agree.
        var scores = Tensor.FromArray(Scores).Unsqueeze(0);
        var targets = Tensor.FromArray(Targets).Unsqueeze(0);
        var last = new Accuracy(classDim: -1, ignoreIndex: 2);
        last.Update(scores, targets);
        var second = new Accuracy(ignoreIndex: 2);
        second.Update(scores.Transpose(1, 2), targets);
        Assert.Equal(0.75, last.Value);
        Assert.Equal(last.Value, second.Value);
        var best = new Accuracy(2, ignoreIndex: 2);
        best.Update(scores.Transpose(1, 2), targets);
        Assert.Equal(1, best.Value);
    }

    [Fact]
    public void AConfusionMatrixHasTruthsInRows()
    {
        var matrix = new ConfusionMatrix(3, ["cat", "dog", "cow"]);
        matrix.Update(Tensor.FromArray(Scores), Tensor.FromArray(Targets));
        matrix.Update(Tensor.FromArray([2L]), Tensor.FromArray([2L]));
        Assert.Equal([1, 0, 0, 0, 2, 1, 1, 0, 1],
            from truth in Enumerable.Range(0, 3) from answer in Enumerable.Range(0, 3) select matrix[truth, answer]);
        Assert.Equal(4.0 / 6, matrix.Value, 12);
        Assert.Contains("cat    1    .    .", matrix.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void F1IsPrecisionAndRecallTogether()
    {
        var macro = new F1Score(4);
        var micro = new F1Score(4, F1Average.Micro);
        var weighted = new F1Score(4, F1Average.Weighted);
        foreach (var metric in new[] { macro, micro, weighted })
            metric.Update(Tensor.FromArray([1L, 0, 2, 0, 1]), Tensor.FromArray(Targets));
        // Precision and recall are 1/2 and 1/1 for class 0, 2/2 and 2/3 for class 1, 0/1 and 0/1 for class 2. Class 3
        // does not occur.
        Assert.Equal([2.0 / 3, 4.0 / 5, 0, double.NaN], macro.PerClass());
        Assert.Equal([0.5, 1, 0, double.NaN], macro.PrecisionPerClass());
        Assert.Equal([1, 2.0 / 3, 0, double.NaN], macro.RecallPerClass());
        Assert.Equal((2.0 / 3 + 4.0 / 5) / 3, macro.Value, 12);
        Assert.Equal(0.5, macro.Precision, 12);
        Assert.Equal((1 + 2.0 / 3) / 3, macro.Recall, 12);
        Assert.Equal(0.6, micro.Value, 12);
        Assert.Equal((2.0 / 3 + 3 * 4.0 / 5) / 5, weighted.Value, 12);
    }

    [Fact]
    public void PerplexityOfAUniformGuessIsTheNumberOfTokens()
    {
        var perplexity = new Perplexity(classDim: -1, ignoreIndex: 0);
        perplexity.Update(Tensor.Zeros([2, 3, 7]), Tensor.FromArray([1L, 2, 3, 0, 0, 6], [2, 3]));
        Assert.Equal(7, perplexity.Value, 5);
        Assert.Equal(Math.Log2(7), perplexity.BitsPerToken, 5);
        perplexity.Update(Tensor.Zeros([1, 1, 7]), Tensor.FromArray([0L], [1, 1]));
        Assert.Equal(7, perplexity.Value, 5);
    }

    [Fact]
    public void AMeanLossWeighsBatchesByTheirSamples()
    {
        var loss = new MeanLoss();
        loss.Add(1, 3);
        loss.Update(Tensor.FromArray([4f, 6f]), Tensor.Zeros([2]));
        Assert.Equal(13.0 / 5, loss.Value, 12);
    }

    [Fact]
    public void TheAreaUnderARocCurveIsTheFractionOfOrderedPairs()
    {
        var random = new Random(5);
        // Few different values, so that there are ties.
        float[] scores = [.. Enumerable.Range(0, 200).Select(_ => random.Next(20) / 20f)];
        long[] truths = [.. scores.Select(score => random.NextDouble() < 0.2 + 0.6 * score ? 1L : 0)];
        var curve = new RocCurve();
        for (var i = 0; i < 200; i += 50)
            curve.Update(Tensor.From<float>(scores.AsSpan(i, 50)), Tensor.From<long>(truths.AsSpan(i, 50)));
        var (ordered, pairs) = (0.0, 0);
        for (var i = 0; i < 200; i++)
        {
            for (var j = 0; j < 200; j++)
            {
                if (truths[i] != 1 || truths[j] != 0)
                    continue;
                ordered += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0;
                pairs++;
            }
        }
        Assert.Equal(ordered / pairs, curve.Auc, 12);
        var points = curve.Points();
        Assert.Equal((0, 0), (points[0].FalsePositiveRate, points[0].TruePositiveRate));
        Assert.Equal((1, 1), (points[^1].FalsePositiveRate, points[^1].TruePositiveRate));
        Assert.Equal(1 + scores.Distinct().Count(), points.Length);
    }

    [Fact]
    public void ARestoredStateContinuesExactly()
    {
        Metric[] metrics = Make(), others = Make();
        for (var m = 0; m < metrics.Length; m++)
        {
            Take(metrics[m], 0, 3);
            others[m].RestoreState(metrics[m].SaveState());
            Take(metrics[m], 3, 5);
            Take(others[m], 3, 5);
            Assert.Equal(metrics[m].Value, others[m].Value);
            Assert.Equal(metrics[m].SaveState(), others[m].SaveState());
            Assert.Throws<ValueException>(() => metrics[m].RestoreState([1, 2, 3]));
        }

        static Metric[] Make() =>
            [new Accuracy(), new Accuracy(2), new ConfusionMatrix(3), new F1Score(3), new Perplexity(), new RocCurve(),
                new MeanLoss()];

        static void Take(Metric metric, int from, int to)
        {
            var (scores, targets) = (Tensor.FromArray(Scores)[from..to], Tensor.FromArray(Targets)[from..to]);
            if (metric is RocCurve)
                metric.Update(scores[.., 1], targets.Eq(1));
            else if (metric is MeanLoss)
                metric.Update(scores[.., 1], targets);
            else
                metric.Update(scores, targets);
        }
    }

    [Fact]
    public void AMismatchIsRefusedAndNotCounted()
    {
        var accuracy = new Accuracy();
        Assert.Throws<ShapeException>(() => accuracy.Update(Tensor.Zeros([4, 3]), Tensor.FromArray(Targets)));
        Assert.Throws<ShapeException>(() => accuracy.Update(Tensor.FromArray([1L, 2]), Tensor.FromArray(Targets)));
        Assert.Throws<DTypeException>(() => accuracy.Update(Tensor.FromArray(Scores), Tensor.Zeros([5])));
        Assert.Throws<DTypeException>(() => accuracy.Update(Tensor.Zeros([5]), Tensor.FromArray(Targets)));
        Assert.Equal(0, accuracy.Total);
        var matrix = new ConfusionMatrix(2);
        var error = Assert.Throws<ValueException>(() =>
            matrix.Update(Tensor.FromArray([0L, 1]), Tensor.FromArray([1L, 2])));
        Assert.Contains("targets must be 0 to 1, got 2", error.Message, StringComparison.Ordinal);
        Assert.Equal(0, matrix.Total);
        var curve = new RocCurve();
        Assert.Throws<ValueException>(() => curve.Update(Tensor.FromArray([float.NaN]), Tensor.FromArray([1L])));
        Assert.Throws<ValueException>(() => curve.Update(Tensor.FromArray([0.5f]), Tensor.FromArray([3L])));
        Assert.True(double.IsNaN(curve.Auc));
        Assert.Throws<ArgumentException>(() => new MeanLoss("a,b"));
    }

    public static TheoryData<DType> Floats => [DType.Float16, DType.BFloat16, DType.Float32, DType.Float64];

    [Theory]
    [MemberData(nameof(Floats))]
    public void ScoresAndTargetsMayHaveAnyType(DType dtype)
    {
        var scores = Tensor.FromArray(new[,] { { 0.5f, 2, -1 }, { 3, 0.25f, 1 } }).To(dtype);
        foreach (var type in new[] { DType.Int64, DType.Int32, DType.UInt8 })
        {
            var targets = Tensor.FromArray([1L, 2]).To(type);
            Metric[] metrics = [new Accuracy(), new Accuracy(k: 2), new ConfusionMatrix(3), new F1Score(3),
                new Perplexity()];
            foreach (var metric in metrics)
            {
                metric.Update(scores, targets);
                var figure = metric.Value;
                metric.Update(scores.Narrow(0, 0, 0), targets.Narrow(0, 0, 0));
                Assert.Equal(figure, metric.Value);
            }
            Assert.Equal([0.5, 1, 0.5], metrics[..3].Select(metric => metric.Value));
            // The inputs are exact in each type; the expected mean of log sum exp - score is computed
            // in single precision.
            var expected = (Math.Log(Math.Exp(0.5) + Math.Exp(2) + Math.Exp(-1)) - 2 +
                Math.Log(Math.Exp(3) + Math.Exp(0.25) + Math.Exp(1)) - 1) / 2;
            Assert.Equal(expected, ((Perplexity)metrics[4]).MeanNegativeLogLikelihood, 1e-6);
        }
        var curve = new RocCurve();
        curve.Update(scores.Select(1, 0), Tensor.FromArray([0L, 1]).To(DType.Int32));
        curve.Update(scores.Select(1, 0).Narrow(0, 0, 0), Tensor.FromArray([0L]).Narrow(0, 0, 0));
        Assert.Equal(1, curve.Auc);
    }

    [Fact]
    public void OneClassMakesNoCurve()
    {
        var curve = new RocCurve();
        curve.Update(Tensor.FromArray([0.1f, 0.9f]), Tensor.FromArray([true, true]));
        Assert.True(double.IsNaN(curve.Auc));
        Assert.Empty(curve.Points());
    }

    [Fact]
    public void ATargetOutOfRangeIsAnErrorUnlessItIsIgnored()
    {
        var targets = Tensor.FromArray([0L, 1, -100, 2, 1]);
        foreach (var metric in new Metric[] { new Accuracy(), new Accuracy(k: 2), new Perplexity(), new F1Score(3) })
        {
            var error = Assert.Throws<ValueException>(() => metric.Update(Tensor.FromArray(Scores), targets));
            Assert.Contains("0 to 2, got -100", error.Message, StringComparison.Ordinal);
            Assert.True(double.IsNaN(metric.Value));
        }
        var accuracy = new Accuracy(ignoreIndex: -100);
        accuracy.Update(Tensor.FromArray(Scores), targets);
        Assert.Equal(4, accuracy.Total);
        accuracy.Update(Tensor.FromArray(Scores), Tensor.FromArray(new byte[] { 0, 1, 2, 2, 1 }));
        Assert.Equal(9, accuracy.Total);
    }
}
