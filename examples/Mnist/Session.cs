// One run of the program, from the data to the saved model.

using TorchScratch.Data;
using TorchScratch.Optim;

namespace TorchScratch.Examples.MnistTraining;

internal sealed class Session(Options options, TextWriter output)
{
    /// <summary>Trains, tests and saves; returns the exit code.</summary>
    public int Run(CancellationToken cancellation)
    {
        if (options.Threads is { } threads)
            Runtime.NumThreads = threads;
        var saved = options.Resume ? Checkpoint.Open(options.ResumePath ?? CheckpointPath(options.Model ?? ModelKind.Mlp)) : null;
        var data = DigitData.Find(options.DataDirectory, output, cancellation);
        cancellation.ThrowIfCancellationRequested();
        var plan = saved is null ? NewPlan(data.Train) : Continue(saved.Plan, data.Train);

        // Now rather than after an hour of training, should the folder be out of reach.
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(ModelPath(plan.Model)))!);

        Runtime.ManualSeed(plan.Seed);
        using var model = Networks.Create(plan.Model);
        using var optimizer = new Adam(model.Parameters(), plan.LearningRate);
        saved?.Restore(model, optimizer);
        var start = saved?.Position ?? new RunPosition();
        output.WriteLine($"data: {data.Source}, {data.Train.Count} training and {data.Test.Count} test images");
        output.WriteLine($"model: {Networks.Name(plan.Model)}, {model.Parameters().Sum(parameter => parameter.ElementCount)} parameters; " +
            $"{Runtime.NumThreads} threads, {Runtime.SimdTarget}");
        if (saved is not null)
            output.WriteLine($"resumed at epoch {start.Epoch + 1}, step {start.Step}");

        var trainer = new Trainer(plan, model, optimizer, options.UseScope, output);
        var end = trainer.Train(data.Train, start, cancellation);
        var checkpoint = CheckpointPath(plan.Model);
        if (end.Epoch < plan.Epochs)
        {
            Checkpoint.Save(checkpoint, plan, end, model, optimizer);
            output.WriteLine($"interrupted at epoch {end.Epoch + 1}, step {end.Step}; saved to {Path.GetFullPath(checkpoint)}");
            output.WriteLine($"--resume {checkpoint} goes on from there");
            return ExitCode.Interrupted;
        }

        var matrix = trainer.Test(data.Test);
        var path = ModelPath(plan.Model);
        model.Save(path, new Dictionary<string, string> { ["model"] = Networks.Name(plan.Model) });
        output.WriteLine();
        output.WriteLine(matrix);
        output.WriteLine();
        output.WriteLine($"test accuracy: {matrix.Accuracy:0.00} %");
        output.WriteLine($"model saved to {Path.GetFullPath(path)}");
        return ExitCode.Success;
    }

    private RunPlan NewPlan(ImageDataset images)
    {
        var model = options.Model ?? ModelKind.Mlp;
        return new RunPlan(model, options.Epochs ?? Networks.DefaultEpochs(model), options.BatchSize ?? 64,
            options.LearningRate ?? Networks.DefaultLearningRate(model), options.Seed ?? 1, images.Count);
    }

    // A run that goes on is the same run: an option that says otherwise would be silently ignored.
    private RunPlan Continue(RunPlan plan, ImageDataset images)
    {
        Check("--model", options.Model, plan.Model);
        Check("--epochs", options.Epochs, plan.Epochs);
        Check("--batch-size", options.BatchSize, plan.BatchSize);
        Check("--learning-rate", options.LearningRate, plan.LearningRate);
        Check("--seed", options.Seed, plan.Seed);
        return images.Count == plan.TrainingImages
            ? plan
            : throw new OptionConflictException($"the checkpoint is of a run over {plan.TrainingImages} images, these are {images.Count}");

        static void Check<T>(string name, T? given, T planned) where T : struct
        {
            if (given is { } value && !value.Equals(planned))
                throw new OptionConflictException($"{name} {value}: the checkpoint is of a run with {planned}");
        }
    }

    private string ModelPath(ModelKind model) =>
        options.SavePath ?? $"mnist-{Networks.Name(model)}.safetensors";

    private string CheckpointPath(ModelKind model) => Path.ChangeExtension(ModelPath(model), ".checkpoint.safetensors");
}
