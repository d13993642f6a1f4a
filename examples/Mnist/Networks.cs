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
        // The stride of 2 makes the second layer, where the time goes, four times cheaper; pooling before the ReLU
        // gives
        // the same numbers as after it, from a quarter of the elements.
        ModelKind.Cnn => new Sequential(
            new Conv2d(1, 16, 5, stride: 2), new ReLU(),                // (16, 12, 12)
            new Conv2d(16, 32, 3), new MaxPool2d(2), new ReLU(),        // (32, 5, 5)
            new Flatten(), new Dropout(0.25),
            new Linear(800, 128), new ReLU(), new Dropout(0.25),
            new Linear(128, 10)),
        _ => throw new ArgumentOutOfRangeException(nameof(kind), kind, "no such model"),
    };

    /// <summary>The small network that optimizers are compared on: 784-128-64-10.</summary>
    public static Sequential CreateSmall() => new(
        new Flatten(), new Linear(784, 128), new ReLU(), new Linear(128, 64), new ReLU(), new Linear(64, 10));

    /// <summary>The name on the command line and in file names.</summary>
    public static string Name(ModelKind kind) => kind == ModelKind.Mlp ? "mlp" : "cnn";

    /// <summary>The model that a name is of; null for none.</summary>
    public static ModelKind? Parse(string name) => name switch
    {
        "mlp" => ModelKind.Mlp,
        "cnn" => ModelKind.Cnn,
        _ => null,
    };

    public static double DefaultLearningRate(ModelKind kind) => kind == ModelKind.Mlp ? 2e-3 : 4e-3;
}
