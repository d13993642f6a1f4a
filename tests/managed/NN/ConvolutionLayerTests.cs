// Convolution and pooling layers: padding modes, other options and shapes.

using TorchScratch.NN;

namespace TorchScratch.Tests.NN;

public class ConvolutionLayerTests
{
    [Theory]
    [InlineData(PaddingMode.Zeros)]
    [InlineData(PaddingMode.Reflect)]
    [InlineData(PaddingMode.Replicate)]
    [InlineData(PaddingMode.Circular)]
    public void PaddingModesFillTheEdges(PaddingMode mode)
    {
        using var layer = Ones(new Conv1d(1, 1, 3, padding: 1, bias: false, paddingMode: mode));
        var input = Tensor.FromArray([1f, 0, 2, 0]).Reshape(1, 1, 4);
        float[] padded = mode switch
        {
            PaddingMode.Zeros => [0, 1, 0, 2, 0, 0],
            PaddingMode.Reflect => [0, 1, 0, 2, 0, 2],
            PaddingMode.Replicate => [1, 1, 0, 2, 0, 0],
            _ => [0, 1, 0, 2, 0, 1],
        };
        float[] sums = [.. Enumerable.Range(0, 4).Select(i => padded[i] + padded[i + 1] + padded[i + 2])];
        Assert.Equal(sums, layer.Call(input).ToArray<float>());
    }

    [Fact]
    public void SamePaddingKeepsTheSize()
    {
        using var even = new Conv1d(1, 2, 4, ConvolutionPadding.Same, dilation: 3);
        Assert.Equal([2L, 2, 9], even.Call(Tensor.Zeros([2, 1, 9])).Shape.ToArray());
        using var circular = new Conv2d(1, 2, (3, 2), ConvolutionPadding.Same, paddingMode: PaddingMode.Circular);
        Assert.Equal([2L, 2, 5, 6], circular.Call(Tensor.Zeros([2, 1, 5, 6])).Shape.ToArray());
        using var valid = new Conv1d(1, 2, 4, ConvolutionPadding.Valid);
        Assert.Equal([2L, 6], valid.Call(Tensor.Zeros([1, 9])).Shape.ToArray());
        // The extra zero is at the end.
        using var two = Ones(new Conv1d(1, 1, 2, ConvolutionPadding.Same, bias: false));
        Assert.Equal([3f, 5, 3], two.Call(Tensor.FromArray([1f, 2, 3]).Reshape(1, 1, 3)).ToArray<float>());
        Assert.Throws<ArgumentException>(() => new Conv1d(1, 1, 2, ConvolutionPadding.Same, stride: 2));
    }

    [Fact]
    public void ATransposedConvolutionIsTheGradientOfAConvolution()
    {
        using var up = new ConvTranspose2d(4, 2, (3, 2), stride: (2, 1), padding: 1, outputPadding: (1, 0), groups: 2,
            bias: false, dtype: DType.Float64);
        using var down = new Conv2d(2, 4, (3, 2), stride: (2, 1), padding: 1, groups: 2, bias: false,
            dtype: DType.Float64);
        down.LoadStateDict(new Dictionary<string, Tensor> { ["weight"] = up.Weight.Value.Detach() });
        var image = Tensor.Zeros([3, 2, 8, 5], DType.Float64).RequiresGrad_();
        var features = Tensor.Randn([3, 4, 4, 6], DType.Float64);
        Autograd.Backward([down.Call(image)], [features]);
        var expected = image.Grad!.ToArray<double>();
        var actual = up.Call(features);
        Assert.Equal([3L, 2, 8, 5], actual.Shape.ToArray());
        Assert.All(expected.Zip(actual.ToArray<double>()), pair => Assert.Equal(pair.First, pair.Second, 1e-12));
        Assert.Equal([4L, 1, 3, 2], up.Weight.Shape.ToArray());
    }

    [Fact]
    public void PoolingOptionsTakeEffect()
    {
        var line = Tensor.Arange(5, DType.Float32).Reshape(1, 1, 5);
        Assert.Equal([1f, 3, 4], new MaxPool1d(2, ceilMode: true).Call(line).ToArray<float>());
        Assert.Equal([0f, 1.5f, 3.5f],
            new AvgPool1d(2, padding: 1, countIncludePad: false).Call(line).ToArray<float>());
        Assert.Equal([0.5f, 2.5f], new AvgPool1d(2).Call(line).ToArray<float>());
        Assert.Equal([2f], new AdaptiveAvgPool1d(1).Call(line).ToArray<float>());
        Assert.Equal([2f, 4], new AdaptiveMaxPool1d(2).Call(line).ToArray<float>());
        var image = Tensor.Ones([1, 1, 4, 4]);
        Assert.Equal([2f, 2, 2, 2], new AvgPool2d(2, divisorOverride: 2).Call(image).ToArray<float>());
        Assert.Equal([1L, 1, 4, 2], new AdaptiveMaxPool2d((-1, 2)).Call(image).Shape.ToArray());
        Assert.Throws<ArgumentException>(() => new AvgPool1d(0));
        Assert.Throws<ArgumentException>(() => new AdaptiveAvgPool2d(-2));
        Assert.Throws<ArgumentException>(() => new Conv2d(3, 4, 3, groups: 2));
    }

    [Fact]
    public void TextsMatchPyTorch()
    {
        Assert.Equal("Conv2d(3, 8, kernel_size=(3, 2), stride=(1, 1), padding=(1, 1), bias=False)",
            new Conv2d(3, 8, (3, 2), padding: 1, bias: false).ToString());
        Assert.Equal("Conv1d(3, 6, kernel_size=(3,), stride=(1,), padding=same)",
            new Conv1d(3, 6, 3, ConvolutionPadding.Same).ToString());
        Assert.Equal("ConvTranspose2d(4, 3, kernel_size=(3, 3), stride=(2, 2), output_padding=(1, 1))",
            new ConvTranspose2d(4, 3, 3, stride: 2, outputPadding: 1).ToString());
        Assert.Equal("AvgPool2d(kernel_size=4, stride=4, padding=0)", new AvgPool2d(4).ToString());
        Assert.Equal("AdaptiveAvgPool2d(output_size=1)", new AdaptiveAvgPool2d(1).ToString());
    }

    private static TModule Ones<TModule>(TModule layer) where TModule : ConvolutionModule
    {
        Init.Constant(layer.Weight, 1);
        return layer;
    }
}
