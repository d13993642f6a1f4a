// Five folds, one after the other: each row is scored by a network that has not seen it.

using System.Globalization;
using TorchScratch.Data;
using TorchScratch.Training;

namespace TorchScratch.Examples.BreastCancer;

/// <summary>Trains a network for each fold and gathers what they say.</summary>
internal sealed class CrossValidation(CsvDataset data, RunPlan plan, RunFolder run, TextWriter output)
{
    public const int Folds = 5;

    /// <summary>The probability of malignant for each row.</summary>
    public float[] Scores { get; } = new float[data.Count];

    /// <summary>The share of right answers in each fold.</summary>
    public double[] Accuracies { get; } = new double[Folds];

    /// <summary>The figures of each fold's training.</summary>
    public List<(string Name, IReadOnlyList<MetricsRow> Rows)> Curves { get; } = [];

    /// <summary>Trains and scores all folds; false when cancelled.</summary>
    /// <param name="checkpoint">That of the plan's fold; null to begin.</param>
    /// <param name="cancellation">Ends a fold between two steps, with a checkpoint.</param>
    public bool Run(string? checkpoint, CancellationToken cancellation)
    {
        var splits = new KFold(Folds, plan.Seed).Split(data.Classes);
        for (var fold = 0; fold < Folds; fold++)
        {
            var (trainRows, testRows) = splits[fold];
            // By the training rows' numbers alone: the test rows must have no say.
            var standardizer = Standardizer.Fit(data.Select(trainRows));
            var training = new FoldTraining(plan with { Fold = fold }, data.Select(trainRows).Standardize(standardizer),
                data.Select(testRows).Standardize(standardizer), run);
            var scores = fold < plan.Fold
                ? training.Load()
                : training.Train(fold == plan.Fold ? checkpoint : null, cancellation);
            if (scores is null)
                return false;
            for (var i = 0; i < testRows.Length; i++)
                Scores[testRows[i]] = scores[i];
            Accuracies[fold] = testRows.Count(IsRight) / (double)testRows.Length;
            Curves.Add(($"fold {fold + 1}", training.Curves));
            output.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"fold {fold + 1}/{Folds}  {trainRows.Length} training and {testRows.Length} test rows  " +
                $"accuracy {100 * Accuracies[fold]:0.00} %"));
        }
        return true;
    }

    private bool IsRight(int row) => Scores[row] >= 0.5f == (data.Classes[row] == 0);
}
