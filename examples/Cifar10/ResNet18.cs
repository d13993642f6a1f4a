// ResNet-18: He, Zhang, Ren, Sun, "Deep residual learning for image recognition" (2016), for images of 32 x 32.

using TorchScratch.NN;

namespace TorchScratch.Examples.CifarTraining;

/// <summary>
/// Maps images (N, 3, 32, 32) to scores (N, classes). The parameters have the same names as in torchvision's resnet18.
/// The first convolution is 3 x 3 with stride 1 and no pooling follows, as is usual for images this small.
/// </summary>
internal sealed partial class ResNet18 : Module<Tensor, Tensor>
{
    private readonly Conv2d _conv1;
    private readonly BatchNorm2d _bn1;
    private readonly Sequential _layer1, _layer2, _layer3, _layer4;
    private readonly AdaptiveAvgPool2d _avgpool;
    private readonly Linear _fc;

    public ResNet18(int classes)
    {
        _conv1 = new Conv2d(3, 64, 3, padding: 1, bias: false);
        _bn1 = new BatchNorm2d(64);
        _layer1 = Layer(64, 64, stride: 1);     // (64, 32, 32)
        _layer2 = Layer(64, 128, stride: 2);    // (128, 16, 16)
        _layer3 = Layer(128, 256, stride: 2);   // (256, 8, 8)
        _layer4 = Layer(256, 512, stride: 2);   // (512, 4, 4)
        _avgpool = new AdaptiveAvgPool2d(1);    // (512, 1, 1)
        _fc = new Linear(512, classes);
        // He et al., "Delving deep into rectifiers" (2015): gradients keep their size from layer to layer.
        foreach (var (_, module) in NamedModules())
        {
            if (module is Conv2d convolution)
                Init.KaimingNormal(convolution.Weight, mode: FanMode.Out);
        }
    }

    public override Tensor Forward(Tensor input)
    {
        // Frees tensors that the backward pass does not need now rather than at the end of the step.
        Tensor x;
        using (var first = _conv1.Call(input))
        using (var normalized = _bn1.Call(first))
            x = normalized.Relu();
        foreach (var layer in (ReadOnlySpan<Sequential>)[_layer1, _layer2, _layer3, _layer4])
        {
            using var before = x;
            x = layer.Call(before);
        }
        using var last = x;
        using var pooled = _avgpool.Call(last);
        using var features = pooled.Flatten(1);
        return _fc.Call(features);
    }

    private static Sequential Layer(int channels, int width, int stride) =>
        new(new BasicBlock(channels, width, stride), new BasicBlock(width, width, stride: 1));

    /// <summary>Two convolutions with a shortcut.</summary>
    private sealed partial class BasicBlock : Module<Tensor, Tensor>
    {
        private readonly Conv2d _conv1;
        private readonly BatchNorm2d _bn1;
        private readonly Conv2d _conv2;
        private readonly BatchNorm2d _bn2;
        private readonly Sequential? _downsample;

        public BasicBlock(int channels, int width, int stride)
        {
            _conv1 = new Conv2d(channels, width, 3, stride, padding: 1, bias: false);
            _bn1 = new BatchNorm2d(width);
            _conv2 = new Conv2d(width, width, 3, padding: 1, bias: false);
            _bn2 = new BatchNorm2d(width);
            if (stride != 1 || channels != width)
            {
                _downsample = new Sequential(
                    new Conv2d(channels, width, 1, stride, bias: false), new BatchNorm2d(width));
            }
        }

        public override Tensor Forward(Tensor input)
        {
            using var first = _conv1.Call(input);
            using var normalized = _bn1.Call(first);
            using var rectified = normalized.Relu();
            using var second = _conv2.Call(rectified);
            using var main = _bn2.Call(second);
            using var shortcut = _downsample?.Call(input);
            using var sum = main + (shortcut ?? input);
            return sum.Relu();
        }
    }
}
