// Five folds, one after the other: each row is scored by a network that was not trained on it.

using System.Globalization;
using TorchScratch.Data;
using TorchScratch.Training;

namespace TorchScratch.Examples.BreastCancer;

/// <summary>Trains a network for each fold and collects the scores.</summary>
internal sealed class CrossValidation(CsvDataset data, ExampleRun run, TextWriter output)
{
    public const int Folds = 5;

    /// <summary>The probability of a malignant tumour for each row.</summary>
    public float[] Scores { get; } = new float[data.Count];

    /// <summary>The fraction of correct predictions in each fold.</summary>
    public double[] Accuracies { get; } = new double[Folds];

    /// <summary>The training curves of each fold.</summary>
    public List<(string Name, IReadOnlyList<MetricsRow> Rows)> Curves { get; } = [];

    /// <summary>Trains and scores all folds; false when cancelled.</summary>
    /// <param name="cancellation">Stops a fold between two steps, with a checkpoint.</param>
    public bool Run(CancellationToken cancellation)
    {
        var firstFold = run.Get(Options.Fold) - 1;
        var splits = new KFold(Folds, run.Seed).Split(data.Classes);
        for (var fold = 0; fold < Folds; fold++)
        {
            var (trainRows, testRows) = splits[fold];
            // Fitted on the training rows alone: statistics of the test rows must not leak into the training.
            var standardizer = Standardizer.Fit(data.Select(trainRows));
            var training = new FoldTraining(run, fold, data.Select(trainRows).Standardize(standardizer),
                data.Select(testRows).Standardize(standardizer));
            var scores = fold < firstFold
                ? training.Load()
                : training.Train(fold == firstFold ? run.Checkpoint : null, cancellation);
            if (scores is null)
                return false;
            for (var i = 0; i < testRows.Length; i++)
                Scores[testRows[i]] = scores[i];
            Accuracies[fold] = testRows.Count(IsCorrect) / (double)testRows.Length;
            Curves.Add(($"fold {fold + 1}", training.Curves));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"fold {fold + 1}/{Folds}  {trainRows.Length} training and {testRows.Length} test rows  " +
                $"accuracy {100 * Accuracies[fold]:0.00} %"));
        }
        return true;
    }

    private bool IsCorrect(int row) => Scores[row] >= 0.5f == (data.Classes[row] == 0);
}
