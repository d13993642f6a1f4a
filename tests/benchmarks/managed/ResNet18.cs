// ResNet-18 for images of 32x32 (He et al. 2016, with a 3x3 stem), the same as in peer.py.

using TorchScratch.NN;

namespace TorchScratch.Benchmarks;

internal sealed partial class ResNet18 : Module<Tensor, Tensor>
{
    private readonly Sequential _layers;

    public ResNet18()
    {
        var layers = new List<Module<Tensor, Tensor>>
        {
            new Conv2d(3, 64, 3, padding: 1, bias: false), new BatchNorm2d(64), new ReLU(),
        };
        var channels = 64;
        foreach (var width in new[] { 64, 128, 256, 512 })
        {
            layers.Add(new ResidualBlock(channels, width, width == channels ? 1 : 2));
            layers.Add(new ResidualBlock(width, width, 1));
            channels = width;
        }
        layers.AddRange([new AdaptiveAvgPool2d(1), new Flatten(), new Linear(512, 10)]);
        _layers = new Sequential([.. layers]);
    }

    public override Tensor Forward(Tensor input) => _layers.Call(input);

    private sealed partial class ResidualBlock : Module<Tensor, Tensor>
    {
        private readonly Sequential _main;
        private readonly Sequential? _shortcut;

        public ResidualBlock(int channels, int width, int stride)
        {
            _main = new Sequential(
                new Conv2d(channels, width, 3, stride, 1, bias: false), new BatchNorm2d(width), new ReLU(),
                new Conv2d(width, width, 3, padding: 1, bias: false), new BatchNorm2d(width));
            if (stride != 1)
            {
                _shortcut = new Sequential(
                    new Conv2d(channels, width, 1, stride, bias: false), new BatchNorm2d(width));
            }
        }

        public override Tensor Forward(Tensor input)
        {
            // Frees tensors that the backward pass does not need now rather than at the end of the step.
            using var main = _main.Call(input);
            using var shortcut = _shortcut?.Call(input);
            using var sum = main + (shortcut ?? input);
            return sum.Relu();
        }
    }
}
