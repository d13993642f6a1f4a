// One run of the program: five folds, and their results together.

using System.Globalization;
using TorchScratch.Data;
using TorchScratch.Training;

namespace TorchScratch.Examples.BreastCancer;

internal sealed class Session(GivenOptions given, TextWriter output)
{
    /// <summary>Trains and tests all folds; returns the exit code.</summary>
    public int Run(CancellationToken cancellation)
    {
        using var run = new ExampleRun(Options.Table, given, Path.Combine("runs", "breast-cancer"), output);
        var path = DataFolder.FindFile(given.Text(Options.Table.Data), "breast_cancer", "breast_cancer.csv");
        // The first line is not a header: it holds the numbers of rows and features and the names of the classes.
        var data = CsvDataset.Load(path, new CsvOptions { HasHeader = false, SkipLines = 1 });
        if (data.ClassNames is not ["0", "1"])
            throw new TensorIOException($"{path}: the last column must be 0 (malignant) or 1 (benign)");
        run.Settle(Options.Rows, data.Count,
            saved => $"the checkpoint is from a run on {saved} rows, but this table has {data.Count}");
        if (run.Checkpoint is null)
            run.Set(Options.Fold, 1);
        run.Open();
        Describe(run, data, path);
        // The folder must be recognizable as that of a run from the beginning.
        run.Folder.WriteReport();
        output.WriteLine($"data: {path}, {data.Count} rows of {data.FeatureCount} features, " +
            $"{data.Classes.Count(0L)} malignant");
        if (run.Checkpoint is not null)
            output.WriteLine($"resumed in fold {run.Get(Options.Fold)}");
        var validation = new CrossValidation(data, run, output);
        if (!validation.Run(cancellation))
        {
            run.WriteInterrupted("interrupted");
            return ExitCode.Interrupted;
        }
        Finish(run.Folder, data, validation);
        return ExitCode.Success;
    }

    private void Finish(RunFolder run, CsvDataset data, CrossValidation validation)
    {
        using var scores = Tensor.FromArray(validation.Scores);
        using var malignant = Tensor.FromArray(data.Classes.ToArray().Select(label => 1 - label).ToArray());
        var curve = new RocCurve();
        curve.Update(scores, malignant);
        var matrix = new ConfusionMatrix(2, ["benign", "malignant"]);
        matrix.Update(scores.Ge(0.5).To(DType.Int64), malignant);

        var mean = validation.Accuracies.Average();
        var deviation = Math.Sqrt(validation.Accuracies.Average(accuracy => (accuracy - mean) * (accuracy - mean)));
        var points = curve.Points();
        var curvePath = Path.Combine(run.Path, "roc.csv");
        RocChart.Save(curvePath, points);
        string[] summary =
        [
            $"malignant found: {matrix[1, 1]} of {matrix.CountOf(1)}; " +
                $"false alarms: {matrix[0, 1]} of {matrix.CountOf(0)}",
            Text($"mean accuracy: {100 * mean:0.00} % +- {100 * deviation:0.00}"),
            Text($"area under the ROC curve: {curve.Auc:0.0000}"),
        ];
        run.Report.AddText("Five folds", string.Join('\n', summary));
        run.Report.Compare(validation.Curves, "train/loss", "validation/loss", "train/accuracy", "validation/accuracy");
        run.WriteReport([matrix, curve]);

        output.WriteLine();
        output.WriteLine(RocChart.Draw(points));
        output.WriteLine();
        foreach (var line in summary)
            output.WriteLine(line);
        output.WriteLine($"ROC curve saved to {curvePath}");
        output.WriteLine($"report: {run.ReportPath}");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Describe(ExampleRun run, CsvDataset data, string path)
    {
        using var model = Classifier.Create(data.FeatureCount);
        run.Describe("Breast cancer, malignant or benign",
            $"{data.Count} rows of {data.FeatureCount} features from {path}, {CrossValidation.Folds}-fold " +
            "cross-validation: each row is scored by the network that was not trained on it.",
            model, () => Tensor.Zeros([1, data.FeatureCount]), ("optimizer", "AdamW"));
        run.Folder.Report.HyperParameters["epochs"] = $"{run.Epochs} for each fold";
    }
}
