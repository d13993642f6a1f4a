// A small residual network: the one of D. Page, "How to train your ResNet" (2018), for DAWNBench, at half its width.

using TorchScratch.NN;

namespace TorchScratch.Examples.CifarTraining;

/// <summary>Maps images (N, 3, 32, 32) to scores (N, classes), with nine layers and 1.6 million parameters.</summary>
internal sealed partial class SmallCnn : Module<Tensor, Tensor>
{
    // Keeps the initial scores small, since the inputs of the last layer are maxima.
    private const double OutputScale = 0.125;

    private readonly Sequential _features;
    private readonly Linear _classifier;

    public SmallCnn(int classes)
    {
        _features = new Sequential(
            ("conv1", Convolution(3, 32)),                      // (32, 32, 32)
            ("conv2", Convolution(32, 64, pool: true)),         // (64, 16, 16)
            ("residual1", new Residual(64)),
            ("conv3", Convolution(64, 128, pool: true)),        // (128, 8, 8)
            ("conv4", Convolution(128, 256, pool: true)),       // (256, 4, 4)
            ("residual2", new Residual(256)),
            ("pool", new AdaptiveMaxPool2d(1)),                 // (256, 1, 1)
            ("flatten", new Flatten()));                        // (256)
        _classifier = new Linear(256, classes, bias: false);
    }

    public override Tensor Forward(Tensor input)
    {
        using var features = _features.Call(input);
        using var scores = _classifier.Call(features);
        return scores * OutputScale;
    }

    // Pooling comes first, so that normalization and ReLU process a quarter of the elements.
    private static Sequential Convolution(int channels, int width, bool pool = false)
    {
        var layers = new Sequential { new Conv2d(channels, width, 3, padding: 1, bias: false) };
        if (pool)
            layers.Add(new MaxPool2d(2));
        layers.Add(new BatchNorm2d(width));
        layers.Add(new ReLU());
        return layers;
    }

    /// <summary>Adds the output of two convolutions to their input.</summary>
    private sealed partial class Residual : Module<Tensor, Tensor>
    {
        private readonly Sequential _convolutions;

        public Residual(int channels) =>
            _convolutions = new Sequential(Convolution(channels, channels), Convolution(channels, channels));

        public override Tensor Forward(Tensor input)
        {
            // Frees tensors that the backward pass does not need now rather than at the end of the step.
            using var change = _convolutions.Call(input);
            return input + change;
        }
    }
}
