// One run of the program: five folds, and what they say together.

using System.Globalization;
using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Training;

namespace TorchScratch.Examples.BreastCancer;

internal sealed class Session(ExampleOptions options, TextWriter output)
{
    private const string FileName = "breast_cancer.csv";

    /// <summary>Trains and tests all folds; returns the exit code.</summary>
    public int Run(CancellationToken cancellation)
    {
        var folder = options.OutputOr(Path.Combine("runs", "breast-cancer"));
        var checkpoint = options.ResumePath ?? Path.Combine(folder, "checkpoint.safetensors");
        var saved = options.Resume ? RunPlan.Read(checkpoint) : null;
        var path = FindData();
        // The first line is no header: it tells the numbers of rows and features, and the classes' names.
        var data = CsvDataset.Load(path, new CsvOptions { HasHeader = false, SkipLines = 1 });
        if (data.ClassNames is not ["0", "1"])
            throw new TensorIOException($"{path}: the last column is to be 0 (malignant) or 1 (benign)");
        saved?.Check(options, data.Count);
        var plan = saved ?? RunPlan.New(options, data.Count);

        using var run = saved is null ? RunFolder.Create(folder) : RunFolder.Open(folder);
        Describe(run.Report, plan, data, path);
        // So that a folder that holds a run is known as one, from the beginning.
        run.WriteReport();
        output.WriteLine($"data: {path}, {data.Count} rows of {data.FeatureCount} features, " +
            $"{data.Classes.Count(0L)} malignant");
        if (saved is not null)
            output.WriteLine($"resumed in fold {saved.Fold + 1}");
        var validation = new CrossValidation(data, plan, run, output);
        if (!validation.Run(saved is null ? null : checkpoint, cancellation))
        {
            output.WriteLine($"interrupted; saved to {run.CheckpointPath}");
            output.WriteLine($"--resume {run.CheckpointPath} goes on from there");
            return ExitCode.Interrupted;
        }
        Finish(run, data, validation);
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

    private string FindData()
    {
        if (File.Exists(options.Data))
            return options.Data;
        var found = DataFolder.Find(options.Data, "breast_cancer",
            folder => File.Exists(Path.Combine(folder, FileName)));
        return found is not null
            ? Path.Combine(found, FileName)
            : throw new FileNotFoundException($"There is no {FileName}: give the file, or its folder, with --data");
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

    private static void Describe(Report report, RunPlan plan, CsvDataset data, string path)
    {
        report.Title = "Breast cancer, malignant or benign";
        report.Subtitle = $"{data.Count} rows of {data.FeatureCount} features from {path}, " +
            $"{CrossValidation.Folds}-fold cross-validation: each row is scored by the network that has not seen it.";
        report.HyperParameters.Add("optimizer", "AdamW");
        report.HyperParameters.Add("epochs", $"{plan.Epochs} for each fold");
        report.HyperParameters.Add("seed", $"{plan.Seed}");
        using var scope = Tensor.Scope();
        using var model = Classifier.Create(data.FeatureCount);
        report.ModelSummary = model.Summary(Tensor.Zeros([1, data.FeatureCount])).ToString();
    }
}
