// Normalization layers in training and evaluation, and their running statistics.

using TorchScratch.NN;

namespace TorchScratch.Tests.NN;

public class NormalizationLayerTests
{
    [Fact]
    public void BatchNormUpdatesRunningStatistics()
    {
        using var layer = new BatchNorm1d(1, momentum: 0.5);
        layer.Call(Tensor.FromArray(new float[,] { { 1 }, { 3 } }));
        // The mean is 2, and so is the unbiased variance; the running statistics move half of the way from 0 and 1.
        Assert.Equal(1, layer.RunningMean!.Value.ToSingle());
        Assert.Equal(1.5f, layer.RunningVar!.Value.ToSingle());
        Assert.Equal(1, layer.NumBatchesTracked!.Value.ToInt64());
        layer.Eval();
        var output = layer.Call(Tensor.FromArray(new float[,] { { 1 } }));
        Assert.Equal(0, output.ToSingle(), 1e-6f);
        Assert.Equal(1, layer.NumBatchesTracked.Value.ToInt64());
        layer.ResetRunningStats();
        Assert.Equal(0, layer.NumBatchesTracked.Value.ToInt64());
    }

    [Fact]
    public void WithoutMomentumTheRunningMeanIsTheMean()
    {
        using var layer = new BatchNorm1d(1, momentum: null);
        float[] means = [2, 4, 9];
        foreach (var mean in means)
            layer.Call(Tensor.FromArray(new float[,] { { mean - 1 }, { mean + 1 } }));
        Assert.Equal(5, layer.RunningMean!.Value.ToSingle(), 1e-5f);
    }

    [Fact]
    public void WithoutTrackingEvaluationUsesTheBatch()
    {
        using var layer = new BatchNorm2d(2, affine: false, trackRunningStats: false);
        Assert.Empty(layer.StateDict());
        layer.Eval();
        var output = layer.Call(Tensor.Randn([4, 2, 3, 3]) * 5 + 7);
        Assert.All(output.Mean((0, 2, 3)).ToArray<float>(), mean => Assert.Equal(0, mean, 1e-5f));
    }

    [Fact]
    public void StateDictsHavePyTorchsNames()
    {
        string[] all = ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"];
        Assert.Equal(all, new BatchNorm2d(3).StateDict().Keys);
        Assert.Equal(all[2..], new BatchNorm2d(3, affine: false).StateDict().Keys);
        Assert.Empty(new InstanceNorm2d(3).StateDict());
        Assert.Equal(all, new InstanceNorm1d(3, affine: true, trackRunningStats: true).StateDict().Keys);
        Assert.Equal(["weight"], new RMSNorm(3).StateDict().Keys);
        Assert.Equal("BatchNorm2d(3, eps=1e-05, momentum=0.1, affine=True, track_running_stats=True)",
            new BatchNorm2d(3).ToString());
        Assert.Equal("LayerNorm((8,), eps=1e-05, elementwise_affine=True)", new LayerNorm(8).ToString());
        Assert.Equal("GroupNorm(2, 6, eps=1e-05, affine=True)", new GroupNorm(2, 6).ToString());
    }

    [Fact]
    public void EachSampleIsNormalizedByItself()
    {
        var input = Tensor.Randn([2, 4, 5], DType.Float64);
        var one = Tensor.Cat([input.Narrow(0, 0, 1), input.Narrow(0, 1, 1) * 10 + 3]);
        using var instance = new InstanceNorm1d(4, eps: 0, dtype: DType.Float64);
        var difference = (instance.Call(one) - instance.Call(input)).Abs().Max().ToDouble();
        Assert.InRange(difference, 0, 1e-9);
        Assert.Equal(instance.Call(input).Select(0, 1).ToArray<double>(),
            instance.Call(input.Select(0, 1)).ToArray<double>());
    }

    [Fact]
    public void RmsNormDividesByTheRootMeanSquare()
    {
        using var layer = new RMSNorm([2, 2], eps: 0);
        var output = layer.Call(Tensor.FromArray(new float[,] { { 1, 7 }, { 5, 5 } }));
        Assert.Equal([0.2f, 1.4f, 1, 1], output.ToArray<float>());
    }

    [Fact]
    public void InvalidArgumentsAreErrors()
    {
        Assert.Throws<ShapeException>(() => new BatchNorm2d(3).Call(Tensor.Zeros([4, 3])));
        Assert.Throws<ShapeException>(() => new BatchNorm1d(3).Call(Tensor.Zeros([3])));
        Assert.Throws<ShapeException>(() => new InstanceNorm2d(3).Call(Tensor.Zeros([3, 4])));
        Assert.Throws<ValueException>(() => new BatchNorm1d(3).Call(Tensor.Zeros([1, 3])));
        Assert.Throws<ArgumentException>(() => new GroupNorm(2, 5));
        Assert.Throws<ArgumentException>(() => new LayerNorm([]));
    }
}
