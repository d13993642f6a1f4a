// Layers over volumes and windows, and the whole transformer, compared with PyTorch 1.13.

using TorchScratch.NN;

namespace TorchScratch.Tests.NN;

public class VolumeAndWindowTests
{
    private static readonly Tensor Volume = Sines.Of([1, 2, 2, 2, 3], 1);

    [Fact]
    public void ConvolutionOfVolumes()
    {
        using var convolution = new Conv3d(2, 2, (1, 2, 2), stride: (1, 2, 1), padding: (0, 1, 0),
            dtype: DType.Float64);
        Sines.Fill(convolution);
        var output = convolution.Call(Volume);
        Assert.Equal([1L, 2, 2, 2, 2], output.Shape.ToArray());
        Sines.AssertEqual([-0.229843396238, -0.426049389035, 1.37319242669, 0.273307759755, 0.0552663371823,
            -0.511957585919, 1.649829622, 0.566369942837, 1.85403860284, 0.801723936035, 2.07738626173, 2.15892788227,
            2.00764512949, 1.14721050274, 1.81150013106, 2.28102452486], output);
        Assert.Equal(output.Select(0, 0).Flatten().ToArray<double>(),
            convolution.Call(Volume.Select(0, 0)).Flatten().ToArray<double>());
        Assert.Equal("Conv3d(2, 4, kernel_size=(1, 2, 3), stride=(2, 2, 2), padding=(0, 1, 1))",
            new Conv3d(2, 4, (1, 2, 3), 2, (0, 1, 1)).ToString());
        using var same = new Conv3d(2, 4, 3, ConvolutionPadding.Same, bias: false, dtype: DType.Float64);
        Assert.Equal("Conv3d(2, 4, kernel_size=(3, 3, 3), stride=(1, 1, 1), padding=same, bias=False)",
            same.ToString());
        Assert.Equal([1L, 4, 2, 2, 3], same.Call(Volume).Shape.ToArray());
        using var circular = new Conv3d(2, 1, 3, padding: 1, paddingMode: PaddingMode.Circular, dtype: DType.Float64);
        Assert.Equal([1L, 1, 2, 2, 3], circular.Call(Volume).Shape.ToArray());
        Assert.Throws<ArgumentException>(() => new Conv3d(3, 4, 3, groups: 2));
    }

    [Fact]
    public void PoolingOfVolumes()
    {
        using var pool = new MaxPool3d((1, 2, 2), stride: 1);
        Sines.AssertEqual([0.909297426826, 0.909297426826, 0.989358246623, 0.989358246623, 0.990607355695,
            0.990607355695, 0.912945250728, 0.912945250728], pool.Call(Volume));
        var (maxima, indices) = pool.CallWithIndices(Volume);
        Assert.Equal(maxima.Flatten().ToArray<double>(),
            Volume.Flatten(2).Gather(2, indices.Flatten(2)).Flatten().ToArray<double>());
        Sines.AssertEqual([0.849278314244, -0.814934521853, 0.618399213228, -0.526093130503],
            new AvgPool3d((2, 1, 2)).Call(Volume));
        Sines.AssertEqual([0.0171718961956, -0.0403760913328, 0.0461530413627, -0.00921092746467],
            new AdaptiveAvgPool3d((1, 1, 2)).Call(Volume));
        Assert.Equal("MaxPool3d(kernel_size=(1, 2, 2), stride=1, padding=0, dilation=1, ceil_mode=False)",
            pool.ToString());
        Assert.Equal("AvgPool3d(kernel_size=(1, 2, 2), stride=(1, 2, 2), padding=0)",
            new AvgPool3d((1, 2, 2)).ToString());
        Assert.Equal("AdaptiveAvgPool3d(output_size=(1, 2, 3))", new AdaptiveAvgPool3d((1, 2, 3)).ToString());
        Assert.Throws<ArgumentException>(() => new MaxPool3d(0));
    }

    [Fact]
    public void Normalizations()
    {
        Sines.AssertEqual([1.17686881263, 1.2705664945, 0.209380896949, -1.03103883554, -1.31025652141,
            -0.371560707944],
            new InstanceNorm3d(2).Call(Volume).Flatten().Narrow(0, 0, 6));
        Sines.AssertEqual([0.841448642129, 0.909269234335, 0.141119902671, -0.756786241016],
            new LocalResponseNorm(2).Call(Volume).Flatten().Narrow(0, 0, 4));
        Assert.Equal("LocalResponseNorm(2, alpha=0.0001, beta=0.75, k=1.0)", new LocalResponseNorm(2).ToString());
        // For a batch of one, both layers normalize each channel separately.
        using var batch = new BatchNorm3d(2, dtype: DType.Float64);
        Sines.AssertEqual(new InstanceNorm3d(2).Call(Volume).Flatten().ToArray<double>(), batch.Call(Volume));
        Assert.Throws<ShapeException>(() => batch.Call(Volume.Select(0, 0)));
    }

    [Fact]
    public void PowerAveragePooling()
    {
        Sines.AssertEqual([1.10456783227, 0.758434581795, 0.966767850497, 1.07778848867, 0.61358173101, 1.04904087626,
            1.01518890732, 0.66857931771, 1.09478206035, 0.91428973786, 0.836655968759, 1.10482964877],
            new LPPool1d(3, 2).Call(Volume.Abs().Flatten(2).Squeeze(0)));
        Sines.AssertEqual([1.23890888636, 1.22159149532, 1.18762836403, 1.13839333373, 1.07603125977, 1.00358031923,
            0.925166043909, 0.84626669444], new LPPool2d(2, (1, 2)).Call(Volume[0]));
        Assert.Equal("LPPool1d(norm_type=2, kernel_size=3, stride=None, ceil_mode=False)",
            new LPPool1d(2, 3).ToString());
        Assert.Equal("LPPool2d(norm_type=1.5, kernel_size=(2, 3), stride=1, ceil_mode=False)",
            new LPPool2d(1.5, (2, 3), 1).ToString());
    }

    [Fact]
    public void FoldInvertsUnfold()
    {
        var image = Sines.Of([1, 2, 4, 5], 1);
        // Windows that do not overlap restore the image; those that do add up each element as often as it
        // occurs in them.
        Sines.AssertEqual(image.Narrow(3, 0, 4).Flatten().ToArray<double>(),
            new Fold(4, 2, stride: 2).Call(new Unfold(2, stride: 2).Call(image)));
        var counts = new Fold((4, 5), 2).Call(new Unfold(2).Call(Tensor.Ones([1, 1, 4, 5])));
        Assert.Equal([1f, 2, 2, 2, 1, 2, 4, 4, 4, 2, 2, 4, 4, 4, 2, 1, 2, 2, 2, 1], counts.Flatten().ToArray<float>());
        Assert.Equal("Fold(output_size=(4, 5), kernel_size=2, dilation=1, padding=0, stride=1)",
            new Fold((4, 5), 2).ToString());
        Assert.Equal("Unfold(kernel_size=2, dilation=1, padding=1, stride=1)", new Unfold(2, padding: 1).ToString());
    }

    [Fact]
    public void SizesThatAreTooSmallAreNamed()
    {
        Refuses("kernelSize", "(0, 2)", () => new MaxPool2d((0, 2)), () => new AvgPool2d((0, 2)),
            () => new LPPool2d(2, (0, 2)), () => new MaxUnpool2d((0, 2)), () => new Unfold((0, 2)),
            () => new Fold(4, (0, 2)), () => new Conv2d(1, 1, (0, 2)), () => new ConvTranspose2d(1, 1, (0, 2)),
            () => new Conv2d(1, 1, (0, 2), ConvolutionPadding.Same));
        Refuses("kernelSize", "(1, 0, 2)", () => new MaxPool3d((1, 0, 2)), () => new AvgPool3d((1, 0, 2)),
            () => new Conv3d(1, 1, (1, 0, 2)));
        Refuses("stride", "(1, -1)", () => new MaxPool2d(2, (1, -1)), () => new AvgPool2d(2, (1, -1)),
            () => new LPPool2d(2, 2, (1, -1)), () => new MaxUnpool2d(2, (1, -1)), () => new Fold(4, 2, stride: (1, -1)),
            () => new Unfold(2, stride: (1, -1)), () => new Conv2d(1, 1, 2, (1, -1)));
        Refuses("padding", "(-1, 0)", () => new MaxPool2d(2, padding: (-1, 0)),
            () => new AvgPool2d(2, padding: (-1, 0)), () => new Fold(4, 2, padding: (-1, 0)), () => new Conv2d(1, 1, 2, padding: (-1, 0)));
        Refuses("dilation", "(0, 0)", () => new MaxPool2d(2, dilation: 0), () => new Unfold(2, dilation: 0),
            () => new Conv2d(1, 1, 2, dilation: 0));
        Refuses("outputPadding", "(-1, -1)", () => new ConvTranspose2d(1, 1, 2, outputPadding: -1));
        Refuses("outputSize", "(-2, -2)", () => new AdaptiveAvgPool2d(-2), () => new AdaptiveMaxPool2d(-2));
        Refuses("kernelSize", "(0)", () => new Conv1d(1, 1, 0), () => new ConvTranspose1d(1, 1, 0));
        Assert.Equal("numLayers",
            Assert.Throws<ArgumentOutOfRangeException>(() => new LSTM(1, 1, int.MaxValue)).ParamName);

        static void Refuses(string parameter, string got, params Func<object>[] calls)
        {
            foreach (var call in calls)
            {
                var error = Assert.Throws<ArgumentException>(call);
                Assert.Equal(parameter, error.ParamName);
                Assert.Contains($"got {got}", error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void TheWholeTransformer()
    {
        using var transformer = new Transformer(4, 2, 1, 1, 6, dropout: 0, batchFirst: true, dtype: DType.Float64);
        string[] keys = [.. transformer.StateDict().Keys];
        Assert.Equal(34, keys.Length);
        Assert.Equal(["encoder.layers.0.self_attn.in_proj_weight", "encoder.norm.weight",
            "decoder.layers.0.multihead_attn.out_proj.bias",
            "decoder.norm.bias"], [keys[0], keys[12], keys[21], keys[33]]);
        Sines.Fill(transformer);
        var (source, target) = (Sines.Of([1, 3, 4], 1), Sines.Of([1, 2, 4], 5));
        var padding = Tensor.FromArray(new bool[,] { { false, false, true } });
        double[] expected = [0.694187240005, 0.855737749385, -0.831332436833, -0.525162506243, 0.724953012699,
            0.98464847686, -0.939330668216, -0.527342439417];
        var ahead = Tensor.Ones([2, 2], DType.Bool).Triu(1);
        Sines.AssertEqual(expected, transformer.Call(source, target, null, tgtMask: ahead, srcKeyPaddingMask: padding));
        Sines.AssertEqual(expected, transformer.Call(source, target, null, srcKeyPaddingMask: padding,
            tgtIsCausal: true));
        Assert.Equal([1L, 2, 4], transformer.Call(source, target).Shape.ToArray());
    }
}
