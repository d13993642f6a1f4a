// The options of this example, each declared once.

namespace TorchScratch.Examples.MnistTraining;

internal static class Options
{
    public static readonly TrainingOptions Table = new("DIR",
        "Folder with the four IDX files, or with a folder mnist that holds them", epochs: 5, "runs/mnist-<model>");

    public static readonly RunOption<ModelKind> Model = Table.Choice("--model", "model", Networks.Name, ModelKind.Mlp,
        "784-512-256-10 or a convolutional network");

    public static readonly RunOption<int> BatchSize = Table.Integer("--batch-size", "batch size", 1, 60_000, 64,
        "Images in a step");

    public static readonly RunOption<double> LearningRate = Table.Number("--learning-rate", "learning rate", 0, 1,
        given => Networks.DefaultLearningRate(given.Get(Model)),
        "Adam's largest learning rate; 0.002 for mlp, 0.004 for cnn if not given");

    public static readonly RunOption<int> TrainingImages = Table.Fact("training images", least: 0);

    public static readonly RunOption<string> Save = Table.Text("--save", "FILE",
        "Where to write the model; model.safetensors in the run's folder if not given");

    public static readonly RunOption<bool> CompareOptimizers = Table.Switch("--compare-optimizers",
        "Trains 784-128-64-10 on 10,000 images with seven optimizers and draws their curves");

    public static readonly RunOption<bool> NoScope = Table.Switch("--no-scope",
        "Leaves freeing tensors to the garbage collector");
}
