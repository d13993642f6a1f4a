// One fold: a network trained on its training rows, and its scores for the others.

using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Training;

namespace TorchScratch.Examples.BreastCancer;

/// <summary>Trains a fold's network, or loads one that an earlier process trained or left unfinished.</summary>
/// <param name="run">The run, whose folder holds the checkpoint of the fold that is being trained.</param>
/// <param name="fold">The fold, from 0.</param>
/// <param name="train">Standardized rows to train on.</param>
/// <param name="test">Rows to score, standardized with the statistics of the training rows.</param>
internal sealed class FoldTraining(ExampleRun run, int fold, CsvDataset train, CsvDataset test)
{
    private readonly string _folder = Path.Combine(run.Folder.Path, $"fold-{fold + 1}");

    /// <summary>The metrics of the training, row by row.</summary>
    public IReadOnlyList<MetricsRow> Curves { get; private set; } = [];

    private string ModelPath => Path.Combine(_folder, "model.safetensors");

    /// <summary>Loads the network that an earlier process trained and scores the test rows.</summary>
    public float[] Load()
    {
        using var part = RunFolder.Open(_folder);
        using var model = Classifier.Create(train.FeatureCount);
        model.Load(ModelPath);
        Curves = [.. part.Rows];
        return Classifier.Score(model, test);
    }

    /// <summary>Trains, from a checkpoint if there is one, and scores the test rows; null when cancelled.</summary>
    public float[]? Train(string? checkpoint, CancellationToken cancellation)
    {
        var seed = run.Seed + (ulong)fold;
        Runtime.ManualSeed(seed);
        using var model = Classifier.Create(train.FeatureCount);
        using var optimizer = Classifier.Optimizer(model);
        using var part = RunFolder.Open(_folder);
        part.Report.Title = $"Breast cancer, fold {fold + 1} of {CrossValidation.Folds}";
        part.Report.Subtitle = $"{train.Count} training and {test.Count} test rows";
        var trainer = new Trainer(model, optimizer, batch => Classifier.Step(model, batch))
        {
            Device = Device.Default,
            TrainingData = Classifier.Loader(train, seed),
            // For the curves alone: it influences no decision.
            ValidationData = new DataLoader(test, test.Count),
            TrainingMetrics = [new Accuracy()],
            ValidationMetrics = [new Accuracy()],
            Checkpoints = new CheckpointPlan(run.Folder.CheckpointPath)
            {
                EveryEpochs = 0,
                Every = TimeSpan.FromSeconds(1),
            },
            Metadata = run.Plan.With(Options.Fold, fold + 1).Texts,
            Run = part,
            LogEverySteps = 0,
        };
        if (checkpoint is not null)
            trainer.Resume(checkpoint);
        else
            part.CutAfter(0);
        if (trainer.Fit(run.Epochs, cancellation).Outcome == TrainingOutcome.Cancelled)
            return null;
        model.Save(ModelPath);
        Curves = [.. part.Rows];
        return Classifier.Score(model, test);
    }
}
