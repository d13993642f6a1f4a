// The two networks.

using TorchScratch.NN;

namespace TorchScratch.Examples.MnistTraining;

internal static class Networks
{
    public static Sequential Create(ModelKind kind) => kind switch
    {
        ModelKind.Mlp => new Sequential(
            new Flatten(),                                              // (784)
            new Linear(784, 256), new ReLU(),
            new Linear(256, 128), new ReLU(),
            new Linear(128, 32), new ReLU(),
            new Linear(32, 10)),
        // The stride of 2 makes the second layer, where the time goes, four times cheaper; pooling before the ReLU gives
        // the same numbers as after it, from a quarter of the elements.
        ModelKind.Cnn => new Sequential(
            new Conv2d(1, 8, 5, stride: 2), new ReLU(),                 // (8, 12, 12)
            new Conv2d(8, 16, 3), new MaxPool2d(2), new ReLU(),         // (16, 5, 5)
            new Flatten(),
            new Linear(400, 128), new ReLU(),
            new Linear(128, 10)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such model"),
    };

    /// <summary>The name on the command line and in file names.</summary>
    public static string Name(ModelKind kind) => kind == ModelKind.Mlp ? "mlp" : "cnn";

    public static int DefaultEpochs(ModelKind kind) => kind == ModelKind.Mlp ? 3 : 2;

    public static double DefaultLearningRate(ModelKind kind) => kind == ModelKind.Mlp ? 1e-3 : 3e-3;
}
