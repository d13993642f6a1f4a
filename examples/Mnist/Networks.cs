// The two networks.

using TorchScratch.NN;

namespace TorchScratch.Examples.MnistTraining;

internal static class Networks
{
    public static Sequential Create(ModelKind kind) => kind switch
    {
        ModelKind.Mlp => new Sequential(
            new Flatten(),
            new Linear(784, 256), new ReLU(),
            new Linear(256, 128), new ReLU(),
            new Linear(128, 32), new ReLU(),
            new Linear(32, 10)),
        ModelKind.Cnn => new Sequential(
            new Conv2d(1, 16, 3), new ReLU(), new MaxPool2d(2),     // (16, 13, 13)
            new Conv2d(16, 32, 3), new ReLU(), new MaxPool2d(2),    // (32, 5, 5)
            new Flatten(),
            new Linear(800, 10)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such model"),
    };

    public static int DefaultEpochs(ModelKind kind) => kind == ModelKind.Mlp ? 3 : 2;

    public static double DefaultLearningRate(ModelKind kind) => kind == ModelKind.Mlp ? 1e-3 : 3e-3;
}
