// One run of the program: five folds, and what they say together.

using System.Diagnostics;
using System.Globalization;
using TorchScratch.Data;
using TorchScratch.Training;

namespace TorchScratch.Examples.BreastCancer;

internal sealed class Session(Options options, TextWriter output)
{
    private const string FileName = "breast_cancer.csv";
    private const string CurvePath = "breast-cancer-roc.csv";
    private const int Folds = 5;
    private const int Interrupted = 130;

    /// <summary>Trains and tests all folds; returns the exit code.</summary>
    public int Run(CancellationToken cancellation)
    {
        var path = FindData();
        // The first line is no header: it tells the numbers of rows and features, and the classes' names.
        var data = CsvDataset.Load(path, new CsvOptions { HasHeader = false, SkipLines = 1 });
        if (data.ClassNames is not ["0", "1"])
            throw new TensorIOException($"{path}: the last column is to be 0 (malignant) or 1 (benign)");
        output.WriteLine($"data: {path}, {data.Count} rows of {data.FeatureCount} features, {data.Classes.Count(0L)} malignant");
        var splits = new KFold(Folds, options.Seed).Split(data.Classes);
        var progress = options.Resume
            ? Progress.Load(options, data.Count, Folds)
            : new Progress { Scores = [.. Enumerable.Repeat(float.NaN, data.Count)] };
        if (options.Resume)
            output.WriteLine($"resumed with {progress.FoldsDone} of {Folds} folds done");

        var accuracies = new double[Folds];
        for (var fold = 0; fold < Folds; fold++)
        {
            var (train, test) = splits[fold];
            var clock = Stopwatch.StartNew();
            if (fold >= progress.FoldsDone)
            {
                var scores = Classifier.TrainAndScore(data.Select(train), data.Select(test), options.Epochs, options.Seed + (ulong)fold);
                for (var i = 0; i < test.Length; i++)
                    progress.Scores[test[i]] = scores[i];
                progress.FoldsDone = fold + 1;
            }
            accuracies[fold] = test.Count(row => IsRight(data, progress.Scores, row)) / (double)test.Length;
            output.WriteLine(Text($"fold {fold + 1}/{Folds}  {train.Length} training and {test.Length} test rows  ") +
                Text($"accuracy {100 * accuracies[fold]:0.00} %  {clock.Elapsed.TotalSeconds:0.0} s"));
            if (cancellation.IsCancellationRequested && progress.FoldsDone < Folds)
            {
                progress.Save(options);
                output.WriteLine($"interrupted; --resume goes on from {Progress.Path}");
                return Interrupted;
            }
        }
        Report(data, progress.Scores, accuracies);
        return 0;
    }

    private void Report(CsvDataset data, float[] scores, double[] accuracies)
    {
        var mean = accuracies.Average();
        var deviation = Math.Sqrt(accuracies.Sum(accuracy => (accuracy - mean) * (accuracy - mean)) / Folds);
        var found = Enumerable.Range(0, data.Count).Count(row => data.Classes[row] == 0 && scores[row] >= 0.5f);
        var alarms = Enumerable.Range(0, data.Count).Count(row => data.Classes[row] == 1 && scores[row] >= 0.5f);
        using var predictions = Tensor.FromArray(scores);
        using var truths = Tensor.FromArray(data.Classes.ToArray().Select(label => 1 - label).ToArray());
        var curve = new RocCurve();
        curve.Update(predictions, truths);
        var points = curve.Points();
        RocChart.Save(CurvePath, points);
        output.WriteLine();
        output.WriteLine(RocChart.Draw(points));
        output.WriteLine();
        output.WriteLine(Text($"malignant found: {found} of {data.Classes.Count(0L)}; false alarms: {alarms} of {data.Classes.Count(1L)}"));
        output.WriteLine(Text($"mean accuracy: {100 * mean:0.00} % +- {100 * deviation:0.00}"));
        output.WriteLine(Text($"area under the ROC curve: {curve.Auc:0.0000}"));
        output.WriteLine($"ROC curve saved to {Path.GetFullPath(CurvePath)}");
    }

    private string FindData()
    {
        if (options.Data is { Length: > 0 } given)
            return Directory.Exists(given) ? Path.Combine(given, FileName) : given;
        if (Environment.GetEnvironmentVariable("TORCHSCRATCH_DATA") is { Length: > 0 } root)
            return Path.Combine(root, "breast_cancer", FileName);
        var path = Path.Combine("data", "breast_cancer", FileName);
        return File.Exists(path)
            ? path
            : throw new FileNotFoundException($"{path} is not there: give the file with --data, or its folder's with TORCHSCRATCH_DATA");
    }

    private static bool IsRight(CsvDataset data, float[] scores, int row) => scores[row] >= 0.5f == (data.Classes[row] == 0);

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
