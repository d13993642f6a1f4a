// One run of the program, from the data to the saved model.

using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Training;

namespace TorchScratch.Examples.MnistTraining;

internal sealed class Session(GivenOptions given, TextWriter output)
{
    /// <summary>Trains, tests and saves; returns the exit code.</summary>
    public int Run(CancellationToken cancellation)
    {
        var folder = Path.Combine("runs", $"mnist-{Networks.Name(given.Get(Options.Model))}");
        using var run = new ExampleRun(Options.Table, given, folder, output);
        var data = DigitData.Find(given.Text(Options.Table.Data), output, cancellation);
        cancellation.ThrowIfCancellationRequested();
        run.Settle(Options.TrainingImages, data.Train.Count,
            saved => $"the checkpoint is from a run on {saved} images, but this data set has {data.Train.Count}");
        run.Open(given.Text(Options.Save));

        var name = Networks.Name(run.Get(Options.Model));
        var rate = run.Get(Options.LearningRate);
        using var model = Networks.Create(run.Get(Options.Model));
        using var optimizer = new Adam(model.Parameters(), rate);
        run.Describe($"Handwritten digits, {name}",
            $"{data.Train.Count} training and {data.Test.Count} test images from {data.Source}", model,
            () => Tensor.Zeros([1, 1, data.Train.Height, data.Train.Width]),
            ("optimizer", "Adam, one cycle of the learning rate"));
        output.WriteLine($"data: {data.Source}, {data.Train.Count} training and {data.Test.Count} test images");
        run.WriteModel($"model: {name}", model);

        var matrix = new ConfusionMatrix(10);
        var loader = new DataLoader(data.Train, run.Get(Options.BatchSize), shuffle: true, run.Seed);
        var trainer = new Trainer(model, optimizer, (logits, labels) => Functional.CrossEntropy(logits, labels))
        {
            Device = Device.Default,
            TrainingData = loader,
            ValidationData = new DataLoader(data.Test, batchSize: 500),
            StepSchedulers = [new OneCycleLR(optimizer, rate, (long)run.Epochs * loader.Count, cycleMomentum: false)],
            TrainingMetrics = [new Accuracy()],
            ValidationMetrics = [new Accuracy(), new F1Score(10), matrix],
            UseScope = !given.Has(Options.NoScope),
            Checkpoints = new CheckpointPlan(run.Folder.CheckpointPath) { Every = TimeSpan.FromSeconds(10) },
            Metadata = run.Plan.Texts,
            Run = run.Folder,
            Progress = run.Progress,
            EpochEnded = _ => SampleImages.Show(run.Folder.Report, model, data.Test),
        };
        if (run.Fit(trainer, cancellation) is null)
            return ExitCode.Interrupted;

        trainer.Evaluate(trainer.ValidationData, [matrix], cancellation);
        output.WriteLine();
        output.WriteLine(matrix);
        output.WriteLine();
        output.WriteLine($"test accuracy: {100 * matrix.Value:0.00} %");
        run.SaveModel(model, new Dictionary<string, string> { ["model"] = name });
        return ExitCode.Success;
    }
}
