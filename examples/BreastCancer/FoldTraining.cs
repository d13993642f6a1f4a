// One fold: a network trained on its training rows, and what it says about the others.

using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Training;

namespace TorchScratch.Examples.BreastCancer;

/// <summary>Trains a fold's network, or takes up one that an earlier process trained or left half-way.</summary>
/// <param name="plan">The run, with this fold.</param>
/// <param name="train">Standardized rows to learn from.</param>
/// <param name="test">Rows to score, standardized by the numbers of the training rows.</param>
/// <param name="run">The run's folder, whose checkpoint is that of the fold under way.</param>
internal sealed class FoldTraining(RunPlan plan, CsvDataset train, CsvDataset test, RunFolder run)
{
    private readonly string _folder = Path.Combine(run.Path, $"fold-{plan.Fold + 1}");

    /// <summary>The figures of the training.</summary>
    public IReadOnlyList<MetricsRow> Curves { get; private set; } = [];

    private string ModelPath => Path.Combine(_folder, "model.safetensors");

    /// <summary>Scores with the network that an earlier process trained.</summary>
    public float[] Load()
    {
        using var part = RunFolder.Open(_folder);
        using var model = Classifier.Create(train.FeatureCount);
        model.Load(ModelPath);
        Curves = [.. part.Rows];
        return Classifier.Score(model, test);
    }

    /// <summary>Trains, from a checkpoint if there is one, and scores; null when cancelled.</summary>
    public float[]? Train(string? checkpoint, CancellationToken cancellation)
    {
        var seed = plan.Seed + (ulong)plan.Fold;
        Runtime.ManualSeed(seed);
        using var model = Classifier.Create(train.FeatureCount);
        using var optimizer = Classifier.Optimizer(model);
        using var part = RunFolder.Open(_folder);
        part.Report.Title = $"Breast cancer, fold {plan.Fold + 1} of {CrossValidation.Folds}";
        part.Report.Subtitle = $"{train.Count} training and {test.Count} test rows";
        var trainer = new Trainer(model, optimizer, batch => Classifier.Step(model, batch))
        {
            TrainingData = Classifier.Loader(train, seed),
            // For the curves: nothing is chosen by it.
            ValidationData = new DataLoader(test, test.Count),
            TrainingMetrics = [new Accuracy()],
            ValidationMetrics = [new Accuracy()],
            Checkpoints = new CheckpointPlan(run.CheckpointPath) { EveryEpochs = 0, Every = TimeSpan.FromSeconds(1) },
            Metadata = plan.ToTexts(),
            Run = part,
            LogEverySteps = 0,
        };
        if (checkpoint is not null)
            trainer.Resume(checkpoint);
        else
            part.CutAfter(0);
        if (trainer.Fit(plan.Epochs, cancellation).Outcome == TrainingOutcome.Cancelled)
            return null;
        model.Save(ModelPath);
        Curves = [.. part.Rows];
        return Classifier.Score(model, test);
    }
}
