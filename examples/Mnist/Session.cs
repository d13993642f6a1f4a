// One run of the program, from the data to the saved model.

using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Training;

namespace TorchScratch.Examples.MnistTraining;

internal sealed class Session(ExampleOptions options, DigitOptions digits, TextWriter output)
{
    /// <summary>Trains, tests and saves; returns the exit code.</summary>
    public int Run(CancellationToken cancellation)
    {
        var folder = options.OutputOr(Path.Combine("runs", $"mnist-{Networks.Name(digits.Model ?? ModelKind.Mlp)}"));
        var checkpoint = options.ResumePath ?? Path.Combine(folder, "checkpoint.safetensors");
        var saved = options.Resume ? RunPlan.Read(checkpoint) : null;
        var data = DigitData.Find(options.Data, output, cancellation);
        cancellation.ThrowIfCancellationRequested();
        saved?.Check(options, digits, data.Train.Count);
        var plan = saved ?? RunPlan.New(options, digits, data.Train.Count);

        using var run = saved is null ? RunFolder.Create(folder) : RunFolder.Open(folder);
        var modelPath = digits.SavePath ?? Path.Combine(run.Path, "model.safetensors");
        // Now rather than after an hour of training, should the folder be out of reach.
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(modelPath))!);

        Runtime.ManualSeed(plan.Seed);
        using var model = Networks.Create(plan.Model);
        using var optimizer = new Adam(model.Parameters(), plan.LearningRate);
        Describe(run.Report, plan, data, model);
        output.WriteLine($"data: {data.Source}, {data.Train.Count} training and {data.Test.Count} test images");
        output.WriteLine($"model: {Networks.Name(plan.Model)}, " +
            $"{model.Parameters().Sum(parameter => parameter.ElementCount)} parameters; " +
            $"{Runtime.NumThreads} threads, {Runtime.SimdTarget}");

        var matrix = new ConfusionMatrix(10);
        using var progress = new ConsoleProgress(output);
        var loader = new DataLoader(data.Train, plan.BatchSize, shuffle: true, plan.Seed);
        var trainer = new Trainer(model, optimizer, (logits, labels) => Functional.CrossEntropy(logits, labels))
        {
            TrainingData = loader,
            ValidationData = new DataLoader(data.Test, batchSize: 500),
            StepSchedulers = [new OneCycleLR(optimizer, plan.LearningRate, (long)plan.Epochs * loader.Count,
                cycleMomentum: false)],
            TrainingMetrics = [new Accuracy()],
            ValidationMetrics = [new Accuracy(), new F1Score(10), matrix],
            UseScope = digits.UseScope,
            Checkpoints = new CheckpointPlan(run.CheckpointPath) { Every = TimeSpan.FromSeconds(10) },
            Metadata = plan.ToTexts(),
            Run = run,
            Progress = progress,
            EpochEnded = _ => SampleImages.Show(run.Report, model, data.Test),
        };
        var result = ConsoleTraining.Fit(trainer, progress, plan.Epochs, saved is null ? null : checkpoint, output,
            cancellation);
        if (result.Outcome == TrainingOutcome.Cancelled)
            return ExitCode.Interrupted;

        trainer.Evaluate(trainer.ValidationData, [matrix], cancellation);
        model.Save(modelPath, new Dictionary<string, string> { ["model"] = Networks.Name(plan.Model) });
        output.WriteLine();
        output.WriteLine(matrix);
        output.WriteLine();
        output.WriteLine($"test accuracy: {100 * matrix.Value:0.00} %");
        output.WriteLine($"model saved to {Path.GetFullPath(modelPath)}");
        output.WriteLine($"report: {run.ReportPath}");
        return ExitCode.Success;
    }

    private static void Describe(Report report, RunPlan plan, DigitData data, Sequential model)
    {
        report.Title = $"Handwritten digits, {Networks.Name(plan.Model)}";
        report.Subtitle = $"{data.Train.Count} training and {data.Test.Count} test images from {data.Source}";
        report.HyperParameters.Add("optimizer", "Adam, one cycle of the learning rate");
        foreach (var (name, value) in plan.ToTexts())
            report.HyperParameters.Add(name, value);
        using var input = Tensor.Zeros([1, 1, data.Train.Height, data.Train.Width]);
        report.ModelSummary = model.Summary(input).ToString();
    }
}
