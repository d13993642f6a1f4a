// The networks, and how each is trained.

using TorchScratch.NN;

namespace TorchScratch.Examples.MnistTraining;

internal enum ModelKind
{
    /// <summary>784-512-256-10, fully connected.</summary>
    Mlp,

    /// <summary>Two convolutions and two linear layers.</summary>
    Cnn,
}

internal static class Networks
{
    public static Sequential Create(ModelKind kind) => kind switch
    {
        ModelKind.Mlp => new Sequential(
            new Flatten(),                                              // (784)
            new Linear(784, 512), new ReLU(), new Dropout(0.2),
            new Linear(512, 256), new ReLU(), new Dropout(0.2),
            new Linear(256, 10)),
        // The stride of 2 makes the second layer, which takes most of the time, four times cheaper. Pooling before the
        // ReLU gives the same numbers as pooling after it, and the ReLU then sees a quarter of the elements.
        ModelKind.Cnn => new Sequential(
            new Conv2d(1, 16, 5, stride: 2), new ReLU(),                // (16, 12, 12)
            new Conv2d(16, 32, 3), new MaxPool2d(2), new ReLU(),        // (32, 5, 5)
            new Flatten(), new Dropout(0.25),
            new Linear(800, 128), new ReLU(), new Dropout(0.25),
            new Linear(128, 10)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown model"),
    };

    /// <summary>The small network on which optimizers are compared: 784-128-64-10.</summary>
    public static Sequential CreateSmall() => new(
        new Flatten(), new Linear(784, 128), new ReLU(), new Linear(128, 64), new ReLU(), new Linear(64, 10));

    /// <summary>The name on the command line and in paths.</summary>
    public static string Name(ModelKind kind) => kind == ModelKind.Mlp ? "mlp" : "cnn";

    public static double DefaultLearningRate(ModelKind kind) => kind == ModelKind.Mlp ? 2e-3 : 4e-3;
}
