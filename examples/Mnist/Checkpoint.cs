// Everything an interrupted run needs to go on as if nothing had happened, in one .safetensors file.

using System.Globalization;
using TorchScratch.IO;
using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Examples.MnistTraining;

/// <summary>What a run is: options that must not change when it goes on.</summary>
internal sealed record RunPlan(ModelKind Model, int Epochs, int BatchSize, double LearningRate, ulong Seed, int TrainingImages);

/// <summary>Where a run is: the next step to take, and what this epoch has counted so far.</summary>
internal sealed record RunPosition(int Epoch = 0, int Step = 0, double LossSum = 0, long Correct = 0, long Seen = 0);

internal static class Checkpoint
{
    private const string Format = "torchscratch-mnist-1";
    private const string ModelPrefix = "model.";
    private const string OptimizerPrefix = "optimizer.";

    public static void Save(string path, RunPlan plan, RunPosition position, Module model, Optimizer optimizer)
    {
        using var scope = Tensor.Scope();
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (name, tensor) in model.StateDict())
            tensors.Add(ModelPrefix + name, tensor);
        foreach (var (name, tensor) in optimizer.StateDict())
            tensors.Add(OptimizerPrefix + name, tensor);
        var random = Runtime.RandomState;
        SafeTensors.Save(path, tensors, new Dictionary<string, string>
        {
            ["format"] = Format,
            ["model"] = $"{plan.Model}",
            ["epochs"] = Text(plan.Epochs),
            ["batch_size"] = Text(plan.BatchSize),
            ["learning_rate"] = Text(plan.LearningRate),
            ["seed"] = Text(plan.Seed),
            ["training_images"] = Text(plan.TrainingImages),
            ["epoch"] = Text(position.Epoch),
            ["step"] = Text(position.Step),
            ["loss_sum"] = Text(position.LossSum),
            ["correct"] = Text(position.Correct),
            ["seen"] = Text(position.Seen),
            ["random_seed"] = Text(random.Seed),
            ["random_offset"] = Text(random.Offset),
        });
    }

    /// <summary>Reads the plan of a checkpoint, and nothing else yet.</summary>
    public static SavedRun Open(string path)
    {
        var tensors = SafeTensors.Load(path, out var metadata);
        if (metadata.GetValueOrDefault("format") != Format)
            throw new TensorIOException($"{path}: not a checkpoint of this program");
        var run = new SavedRun(path, tensors, metadata);
        return Enum.IsDefined(run.Plan.Model) && run.Plan is { Epochs: > 0, BatchSize: > 0, LearningRate: > 0 and <= 1 } &&
            run.Position is { Epoch: >= 0, Step: >= 0, Seen: >= 0 } && run.Position.Epoch <= run.Plan.Epochs
            ? run
            : throw new TensorIOException($"{path}: its metadata makes no sense: {run.Plan}, {run.Position}");
    }

    private static string Text<T>(T value) where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    /// <summary>A checkpoint in memory.</summary>
    internal sealed class SavedRun(string path, Dictionary<string, Tensor> tensors, Dictionary<string, string> metadata)
    {
        public RunPlan Plan { get; } = new(
            Enum.TryParse<ModelKind>(metadata.GetValueOrDefault("model"), out var model)
                ? model
                : throw new TensorIOException($"{path}: it names no model that this program has"),
            Number<int>(path, metadata, "epochs"), Number<int>(path, metadata, "batch_size"),
            Number<double>(path, metadata, "learning_rate"), Number<ulong>(path, metadata, "seed"),
            Number<int>(path, metadata, "training_images"));

        public RunPosition Position { get; } = new(
            Number<int>(path, metadata, "epoch"), Number<int>(path, metadata, "step"),
            Number<double>(path, metadata, "loss_sum"), Number<long>(path, metadata, "correct"),
            Number<long>(path, metadata, "seen"));

        /// <summary>Puts weights, optimizer and random numbers back.</summary>
        public void Restore(Module model, Optimizer optimizer)
        {
            model.LoadStateDict(WithPrefix(ModelPrefix));
            optimizer.LoadStateDict(WithPrefix(OptimizerPrefix));
            Runtime.RandomState = new RandomState(Number<ulong>(path, metadata, "random_seed"),
                Number<ulong>(path, metadata, "random_offset"));
            foreach (var tensor in tensors.Values)
                tensor.Dispose();
        }

        private Dictionary<string, Tensor> WithPrefix(string prefix) =>
            tensors.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
                .ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value);

        private static T Number<T>(string path, Dictionary<string, string> metadata, string key) where T : ISpanParsable<T> =>
            T.TryParse(metadata.GetValueOrDefault(key), CultureInfo.InvariantCulture, out var value)
                ? value
                : throw new TensorIOException($"{path}: its metadata has no number under '{key}'");
    }
}
