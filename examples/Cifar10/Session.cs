// One run of the program, from the data to the saved model.

using System.Globalization;
using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Training;

namespace TorchScratch.Examples.CifarTraining;

internal sealed class Session(GivenOptions given, TextWriter output)
{
    private const double LabelSmoothing = 0.1;
    private const int ClassesShown = 20;
    private const int ImagesSearched = 2_000;

    /// <summary>Trains, tests and saves; returns the exit code.</summary>
    public int Run(CancellationToken cancellation)
    {
        var set = CifarData.Recognize(given.Text(Options.Table.Data), Options.AskedSet(given));
        var folder = Path.Combine("runs", $"{CifarData.FolderName(set)}-{Networks.Name(given.Get(Options.Model))}");
        using var run = new ExampleRun(Options.Table, given, folder, output);
        var data = LoadData(run, set);
        cancellation.ThrowIfCancellationRequested();
        run.Open(given.Text(Options.Save));

        var (setName, modelName) = (CifarData.Name(data.Set), Networks.Name(run.Get(Options.Model)));
        var rate = run.Get(Options.LearningRate);
        using var model = Networks.Create(run.Get(Options.Model), data.ClassCount);
        using var optimizer = Networks.CreateOptimizer(model, rate);
        run.Describe($"{setName}, {modelName}",
            $"{data.Train.Count} training and {data.Test.Count} test images from {data.Source}", model,
            () => Tensor.Zeros([1, 3, 32, 32]),
            ("optimizer", "SGD with Nesterov momentum, one cycle of learning rate and momentum"),
            ("augmentation", "shifts by up to 4 pixels, mirror images, cutout of 8 x 8"),
            ("label smoothing", LabelSmoothing.ToString(CultureInfo.InvariantCulture)));
        output.WriteLine($"data: {setName} in {data.Source}, {data.Train.Count} training and {data.Test.Count} test " +
            "images");
        run.WriteModel($"model: {modelName}", model);

        var matrix = new ConfusionMatrix(data.ClassCount, data.Test.ClassNames);
        var loader = new DataLoader(data.Augmented, run.Get(Options.BatchSize), shuffle: true, run.Seed, workers: 1,
            device: Device.Default);
        var trainer = new Trainer(model, optimizer, batch => Step(model, batch, LabelSmoothing))
        {
            Device = Device.Default,
            TrainingData = loader,
            ValidationData = new DataLoader(data.Test, batchSize: 250, workers: 1, device: Device.Default),
            // The test loss is that of the predictions themselves, without label smoothing.
            EvaluationStep = batch => Step(model, batch, labelSmoothing: 0),
            StepSchedulers = [new OneCycleLR(optimizer, rate, (long)run.Epochs * loader.Count)],
            TrainingMetrics = [new Accuracy()],
            ValidationMetrics = data.ClassCount > 10
                ? [new Accuracy(), new Accuracy(k: 5), matrix]
                : [new Accuracy(), matrix],
            Checkpoints = new CheckpointPlan(run.Folder.CheckpointPath) { Every = TimeSpan.FromSeconds(30) },
            Metadata = run.Plan.Texts,
            Run = run.Folder,
            LogEverySteps = 20,
            Progress = run.Progress,
            EpochEnded = _ => SampleImages.Show(run.Folder.Report, model, data.Test, ImagesSearched),
        };
        if (run.Fit(trainer, cancellation) is null)
            return ExitCode.Interrupted;

        // The matrix holds the last epoch's test, unless a finished run was resumed: then it is empty.
        if (matrix.Total == 0)
            trainer.Evaluate(trainer.ValidationData, [matrix], cancellation);
        output.WriteLine();
        output.WriteLine(ClassTable.Of(matrix, ClassesShown));
        output.WriteLine();
        output.WriteLine($"test accuracy: {100 * matrix.Value:0.00} %");
        run.SaveModel(model, run.Plan.Texts);
        return ExitCode.Success;
    }

    // The set of the run, cut to the number of images that it trains on.
    private CifarData LoadData(ExampleRun run, ImageSet set)
    {
        var isResumed = run.Checkpoint is not null;
        if (!isResumed || Options.AskedSet(given) is not null)
        {
            run.Settle(Options.Set, set, saved =>
                $"the checkpoint is from a run on {CifarData.Name(saved)}, not {CifarData.Name(set)}");
        }
        var data = CifarData.Load(given.Text(Options.Table.Data), run.Get(Options.Set));
        if (!isResumed)
        {
            var asked = given.TryGet(Options.Images, out var images) ? images : data.Train.Count;
            run.Set(Options.Images, Math.Min(asked, data.Train.Count));
        }
        else if (data.Train.Count < run.Get(Options.Images))
        {
            throw new OptionConflictException($"the checkpoint is from a run on {run.Get(Options.Images)} images, " +
                $"but this data set has {data.Train.Count}");
        }
        return data with { Train = data.Train.Take(run.Get(Options.Images)) };
    }

    private static StepOutput Step(Module<Tensor, Tensor> model, Batch batch, double labelSmoothing)
    {
        var scores = model.Call(batch.Inputs);
        var loss = Functional.CrossEntropy(scores, batch.Targets, labelSmoothing: labelSmoothing);
        return new StepOutput(loss, scores, batch.Targets);
    }
}
