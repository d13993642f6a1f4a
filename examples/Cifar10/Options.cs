// The options of this example, each declared once.

namespace TorchScratch.Examples.CifarTraining;

internal static class Options
{
    public static readonly TrainingOptions Table = new("DIR",
        "Folder with the binary files of CIFAR-10 or CIFAR-100, or with a folder cifar10 or cifar100 that holds them",
        epochs: 12, "runs/<data>-<model>");

    public static readonly RunOption<ModelKind> Model = Table.Choice("--model", "model", Networks.Name, ModelKind.Cnn,
        "A small residual network, or ResNet-18");

    public static readonly RunOption<bool> Cifar100 = Table.Switch("--cifar100",
        "Takes CIFAR-100 if both data sets are present");

    public static readonly RunOption<bool> Coarse = Table.Switch("--coarse",
        "Takes CIFAR-100 with its 20 groups of classes");

    public static readonly RunOption<ImageSet> Set = Table.Fact<ImageSet>("data", CifarData.Name);

    public static readonly RunOption<int> Images = Table.Integer("--images", "training images", 1, 50_000, null,
        "Training images to use; all if not given");

    public static readonly RunOption<int> BatchSize = Table.Integer("--batch-size", "batch size", 1, 50_000, 128,
        "Images in a step");

    public static readonly RunOption<double> LearningRate = Table.Number("--learning-rate", "learning rate", 0, 1, 0.1,
        "The largest learning rate of SGD");

    public static readonly RunOption<string> Save = Table.Text("--save", "FILE",
        "Where to write the model; model.safetensors in the run's folder if not given");

    /// <summary>The data set that the user asked for; null for whichever is there.</summary>
    public static ImageSet? AskedSet(GivenOptions given) => given.Has(Coarse) ? ImageSet.Cifar100Groups
        : given.Has(Cifar100) ? ImageSet.Cifar100 : null;
}
