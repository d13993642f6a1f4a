// One run of the program, from the data to the saved model.

using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Training;

namespace TorchScratch.Examples.CifarTraining;

internal sealed class Session(ExampleOptions options, CifarOptions own, TextWriter output)
{
    private const double LabelSmoothing = 0.1;
    private const int ClassesShown = 20;
    private const int ImagesLooked = 2_000;

    /// <summary>Trains, tests and saves; returns the exit code.</summary>
    public int Run(CancellationToken cancellation)
    {
        var set = CifarData.Recognize(options.Data, own.Set);
        var folder = options.OutputOr(Path.Combine("runs",
            $"{CifarData.FolderName(set)}-{Networks.Name(own.Model ?? ModelKind.Cnn)}"));
        var checkpoint = options.ResumePath ?? Path.Combine(folder, "checkpoint.safetensors");
        var saved = options.Resume ? RunPlan.Read(checkpoint) : null;
        saved?.Check(options, own);
        var data = CifarData.Load(options.Data, saved?.Set ?? set);
        saved?.Check(data);
        cancellation.ThrowIfCancellationRequested();
        var plan = saved ?? RunPlan.New(options, own, data);
        data = data with { Train = data.Train.Take(plan.Images) };

        using var run = saved is null ? RunFolder.Create(folder) : RunFolder.Open(folder);
        var modelPath = own.SavePath ?? Path.Combine(run.Path, "model.safetensors");
        // Now rather than after an hour of training, should the folder be out of reach.
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(modelPath))!);

        Runtime.ManualSeed(plan.Seed);
        using var model = Networks.Create(plan.Model, data.ClassCount);
        using var optimizer = Networks.CreateOptimizer(model, plan.LearningRate);
        Describe(run.Report, plan, data, model);
        output.WriteLine($"data: {CifarData.Name(plan.Set)} in {data.Source}, {data.Train.Count} training and " +
            $"{data.Test.Count} test images");
        output.WriteLine($"model: {Networks.Name(plan.Model)}, " +
            $"{model.Parameters().Sum(parameter => parameter.ElementCount)} parameters; " +
            $"{Runtime.NumThreads} threads, {Runtime.SimdTarget}");

        var matrix = new ConfusionMatrix(data.ClassCount, data.Test.ClassNames);
        using var progress = new ConsoleProgress(output);
        var loader = new DataLoader(data.Augmented, plan.BatchSize, shuffle: true, plan.Seed, workers: 1);
        var trainer = new Trainer(model, optimizer, batch => Step(model, batch, LabelSmoothing))
        {
            TrainingData = loader,
            ValidationData = new DataLoader(data.Test, batchSize: 250, workers: 1),
            // Tested without label smoothing: its loss is that of the answers themselves.
            EvaluationStep = batch => Step(model, batch, labelSmoothing: 0),
            StepSchedulers = [new OneCycleLR(optimizer, plan.LearningRate, (long)plan.Epochs * loader.Count)],
            TrainingMetrics = [new Accuracy()],
            ValidationMetrics = data.ClassCount > 10
                ? [new Accuracy(), new Accuracy(k: 5), matrix]
                : [new Accuracy(), matrix],
            Checkpoints = new CheckpointPlan(run.CheckpointPath) { Every = TimeSpan.FromSeconds(30) },
            Metadata = plan.ToTexts(),
            Run = run,
            LogEverySteps = 20,
            Progress = progress,
            EpochEnded = _ => SampleImages.Show(run.Report, model, data.Test, ImagesLooked),
        };
        var result = ConsoleTraining.Fit(trainer, progress, plan.Epochs, saved is null ? null : checkpoint,
            output, cancellation);
        if (result.Outcome == TrainingOutcome.Cancelled)
            return ExitCode.Interrupted;

        // Empty if a finished run was resumed; else it is that of the last epoch's test.
        if (matrix.Total == 0)
            trainer.Evaluate(trainer.ValidationData, [matrix], cancellation);
        model.Save(modelPath, plan.ToTexts());
        output.WriteLine();
        output.WriteLine(ClassTable.Of(matrix, ClassesShown));
        output.WriteLine();
        output.WriteLine($"test accuracy: {100 * matrix.Value:0.00} %");
        output.WriteLine($"model saved to {Path.GetFullPath(modelPath)}");
        output.WriteLine($"report: {run.ReportPath}");
        return ExitCode.Success;
    }

    private static StepOutput Step(Module<Tensor, Tensor> model, Batch batch, double labelSmoothing)
    {
        var scores = model.Call(batch.Inputs);
        var loss = Functional.CrossEntropy(scores, batch.Targets, labelSmoothing: labelSmoothing);
        return new StepOutput(loss, scores, batch.Targets);
    }

    private static void Describe(Report report, RunPlan plan, CifarData data, Module<Tensor, Tensor> model)
    {
        report.Title = $"{CifarData.Name(plan.Set)}, {Networks.Name(plan.Model)}";
        report.Subtitle = $"{data.Train.Count} training and {data.Test.Count} test images from {data.Source}";
        report.HyperParameters.Add("optimizer", "SGD with Nesterov momentum, one cycle of learning rate and momentum");
        report.HyperParameters.Add("augmentation", "shifts by up to 4 pixels, mirror images, cutout of 8 x 8");
        report.HyperParameters.Add("label smoothing", SavedOptions.Text(LabelSmoothing));
        foreach (var (name, value) in plan.ToTexts())
            report.HyperParameters.Add(name, value);
        using var input = Tensor.Zeros([1, 3, 32, 32]);
        report.ModelSummary = model.Summary(input).ToString();
    }
}
