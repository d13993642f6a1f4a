// The options of this example, each declared once.

namespace TorchScratch.Examples.BreastCancer;

internal static class Options
{
    public static readonly TrainingOptions Table = new("PATH",
        "breast_cancer.csv, or the folder with it, or with a folder breast_cancer that holds it", epochs: 25,
        "runs/breast-cancer", "Passes over the training rows of each fold");

    public static readonly RunOption<int> Rows = Table.Fact("rows", least: 0, isReported: false);

    /// <summary>The fold that is being trained, from 1; those before it are finished.</summary>
    public static readonly RunOption<int> Fold = Table.Fact("fold", least: 1, isReported: false);
}
