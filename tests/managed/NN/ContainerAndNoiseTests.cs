// Containers of parameters, embedding bags, dropout and distances.

using TorchScratch.NN;

namespace TorchScratch.Tests.NN;

public class ContainerAndNoiseTests
{
    [Fact]
    public void ParametersAreRegisteredUnderNames()
    {
        using var list = new ParameterList(new Parameter(Tensor.Zeros([2])), new Parameter(Tensor.Ones([1])));
        list.Add(new Parameter(Tensor.Ones([3])));
        Assert.Equal(["0", "1", "2"], list.StateDict().Keys);
        Assert.Equal(3, list.Count);
        Assert.Equal(3, list[2].ElementCount);
        Assert.Equal(list.Parameters(), list);
        using var dict = new ParameterDict(new KeyValuePair<string, Parameter>("left",
            new Parameter(Tensor.Zeros([2]))));
        dict.Add("right", new Parameter(Tensor.Ones([1])));
        Assert.Equal(["left", "right"], dict.StateDict().Keys);
        Assert.True(dict.TryGetValue("right", out var right) && ReferenceEquals(right, dict["right"]) &&
            dict.ContainsKey("left"));
        Assert.Throws<ArgumentException>(() => dict.Add("right", new Parameter(Tensor.Ones([1]))));
    }

    [Fact]
    public void ABagIsTheSumOrMeanOfItsRows()
    {
        var rows = Tensor.FromArray(new long[,] { { 0, 2 }, { 1, 3 } });
        using var sum = new EmbeddingBag(4, 2, mode: BagMode.Sum, paddingIdx: -1, dtype: DType.Float64);
        Assert.Equal("EmbeddingBag(4, 2, mode=sum, padding_idx=3)", sum.ToString());
        var table = sum.Weight.Value;
        Sines.AssertEqual([.. (table[0] + table[2]).ToArray<double>(), .. table[1].ToArray<double>()], sum.Call(rows));
        var offsets = Tensor.FromArray(new long[] { 0, 3 });
        var weights = Tensor.FromArray(new double[] { 1, 2, 3, 4 });
        Sines.AssertEqual([.. (table[0] + table[2] * 2 + table[1] * 3).ToArray<double>(), 0, 0],
            sum.Call(rows.Flatten(), offsets, weights));
        using var mean = new EmbeddingBag(4, 2, dtype: DType.Float64);
        Assert.Equal("EmbeddingBag(4, 2, mode=mean)", mean.ToString());
        Sines.AssertEqual(((mean.Weight.Value[1] + mean.Weight.Value[3]) / 2).ToArray<double>(), mean.Call(rows)[1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new EmbeddingBag(4, 2, paddingIdx: 4));
    }

    [Fact]
    public void AlphaDropoutKeepsMeanAndVariance()
    {
        Runtime.ManualSeed(4);
        const int count = 200_000;
        const double p = 0.3;
        var input = Tensor.Randn([count], DType.Float64);
        using var dropout = new AlphaDropout(p);
        var output = dropout.Call(input);
        // The mean of n numbers of variance 1 has standard deviation 1 / sqrt(n), and by their fourth moment their
        // variance has less than 3 / sqrt(n). The bounds are six times that.
        Assert.InRange(output.Mean().ToDouble(), -6 / Math.Sqrt(count), 6 / Math.Sqrt(count));
        Assert.InRange(output.Var().ToDouble(), 1 - 18 / Math.Sqrt(count), 1 + 18 / Math.Sqrt(count));
        var scale = 1 / Math.Sqrt((1.7580993408473766 * 1.7580993408473766 * p + 1) * (1 - p));
        var dropped = -1.7580993408473766 * scale * (1 - p);
        var share = (output - dropped).Abs().Lt(1e-12).To(DType.Float64).Mean().ToDouble();
        Assert.InRange(share, p - 3.0 / Math.Sqrt(count), p + 3.0 / Math.Sqrt(count));
        dropout.Eval();
        Assert.Same(input, dropout.Call(input));
        Assert.Equal(0, new AlphaDropout(1).Call(input).Abs().Max().ToDouble());

        using var feature = new FeatureAlphaDropout();
        var channels = feature.Call(Tensor.Ones([50, 4, 6], DType.Float64));
        Assert.Equal(0, (channels - channels.Narrow(2, 0, 1)).Abs().Max().ToDouble());
        Assert.Equal(2, channels.Flatten().ToArray<double>().Select(value => Math.Round(value, 9)).Distinct().Count());
        Assert.Throws<ShapeException>(() => feature.Call(Tensor.Ones([3])));
    }

    [Fact]
    public void ChannelsAreDroppedAsAWhole()
    {
        Runtime.ManualSeed(6);
        Check(new Dropout1d(), [40, 5, 3]);
        Check(new Dropout2d(), [40, 5, 2, 2]);
        Check(new Dropout3d(), [40, 5, 1, 2, 2]);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Dropout1d(-0.1));

        static void Check(ChannelDropout dropout, long[] shape)
        {
            // A batch, and a single sample, whose first dimension is that of the channels.
            foreach (var input in new[] { Tensor.Ones(shape), Tensor.Ones(shape.AsSpan(1)) })
            {
                var output = dropout.Call(input);
                Assert.Equal(input.Shape.ToArray(), output.Shape.ToArray());
                var channels = output.Flatten(shape.Length == input.NDim ? 2 : 1);
                Assert.Equal(0, (channels - channels.Narrow(-1, 0, 1)).Abs().Max().ToDouble());
                Assert.All(output.Flatten().ToArray<float>(), value => Assert.True(value is 0 or 2));
            }
            var dropped = dropout.Call(Tensor.Ones(shape)).Flatten().ToArray<float>();
            Assert.Contains(0f, dropped);
            Assert.Contains(2f, dropped);
            dropout.Eval();
            var same = Tensor.Ones(shape);
            Assert.Same(same, dropout.Call(same));
        }
    }

    [Fact]
    public void VectorsAreCompared()
    {
        var (first, second) = (Tensor.FromArray(new double[,] { { 3, 4 } }),
            Tensor.FromArray(new double[,] { { 0, 0 } }));
        Assert.Equal(5, new PairwiseDistance(eps: 0).Call(first, second).ToDouble(), 1e-12);
        Assert.Equal([1L, 1], new PairwiseDistance(keepDim: true).Call(first, second).Shape.ToArray());
        Assert.Equal(0.6, new CosineSimilarity().Call(first, Tensor.FromArray(new double[,] { { 2, 0 } })).ToDouble(),
            1e-12);
        Assert.Equal("PairwiseDistance()", new PairwiseDistance().ToString());
        Assert.Equal("CosineSimilarity()", new CosineSimilarity().ToString());
    }
}
