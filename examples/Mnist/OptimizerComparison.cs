// Trains one small network with seven classic optimizers on the same batches, and draws their curves into one chart.

using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Training;

namespace TorchScratch.Examples.MnistTraining;

internal sealed class OptimizerComparison(GivenOptions given, TextWriter output)
{
    private const int Images = 10_000;

    // Usual learning rates for batches of 64.
    private static readonly (string Name, double Rate,
        Func<IEnumerable<Parameter>, double, Optimizer> Make)[] s_optimizers =
    [
        ("SGD", 0.1, (parameters, rate) => new SGD(parameters, rate)),
        ("Nesterov", 0.02, (parameters, rate) => new SGD(parameters, rate, momentum: 0.9, nesterov: true)),
        ("Adagrad", 0.02, (parameters, rate) => new Adagrad(parameters, rate)),
        ("RMSprop", 0.001, (parameters, rate) => new RMSprop(parameters, rate)),
        ("Adadelta", 1, (parameters, rate) => new Adadelta(parameters, rate)),
        ("Adam", 0.001, (parameters, rate) => new Adam(parameters, rate)),
        ("AdamW", 0.001, (parameters, rate) => new AdamW(parameters, rate)),
    ];

    /// <summary>Trains with each optimizer; returns the exit code.</summary>
    public int Run(CancellationToken cancellation)
    {
        var table = Options.Table;
        if (given.Has(Options.Model) || given.Has(Options.LearningRate) || given.Text(Options.Save) is not null ||
            given.Text(table.Resume) is not null)
        {
            throw new OptionConflictException(
                "--compare-optimizers trains a fixed network at each optimizer's usual learning rate: " +
                "omit --model, --learning-rate and --save, and give --resume without a file");
        }
        var isResumed = given.Has(table.Resume);
        var data = DigitData.Find(given.Text(table.Data), output, cancellation);
        var train = data.Train.Take(Images);
        var folder = given.Folder(table, Path.Combine("runs", "mnist-optimizers"));
        using var run = isResumed ? RunFolder.Open(folder) : RunFolder.Create(folder);
        var (epochs, batchSize, seed) = (given.Get(table.Epochs), given.Get(Options.BatchSize), given.Get(table.Seed));
        output.WriteLine($"data: {data.Source}, {train.Count} training and {data.Test.Count} test images; model: " +
            "784-128-64-10");

        var runs = new List<(string Name, IReadOnlyList<MetricsRow> Rows)>();
        var results = new List<(string Name, double Rate, EpochResult Last)>();
        foreach (var (name, rate, make) in s_optimizers)
        {
            var path = Path.Combine(folder, name);
            using var part = isResumed ? RunFolder.Open(path) : RunFolder.Create(path);
            Runtime.ManualSeed(seed);
            using var model = Networks.CreateSmall();
            using var optimizer = make(model.Parameters(), rate);
            using var progress = new ConsoleProgress(output);
            var trainer = new Trainer(model, optimizer, (logits, labels) => Functional.CrossEntropy(logits, labels))
            {
                Device = Device.Default,
                TrainingData = new DataLoader(train, batchSize, shuffle: true, seed),
                ValidationData = new DataLoader(data.Test, batchSize: 500),
                TrainingMetrics = [new Accuracy()],
                ValidationMetrics = [new Accuracy()],
                UseScope = !given.Has(Options.NoScope),
                Checkpoints = new CheckpointPlan(part.CheckpointPath),
                Metadata = new Dictionary<string, string> { ["optimizer"] = name, ["seed"] = $"{seed}" },
                Run = part,
                LogEverySteps = 10,
                Progress = progress,
            };
            part.Report.Title = $"784-128-64-10 with {name}";
            output.WriteLine($"{name}, learning rate {rate}");
            if (isResumed && File.Exists(part.CheckpointPath))
                trainer.Resume(part.CheckpointPath);
            var result = trainer.Fit(epochs, cancellation);
            progress.Dispose();
            if (result.Outcome == TrainingOutcome.Cancelled)
            {
                output.WriteLine($"interrupted; to resume: --compare-optimizers --resume --output {folder}");
                return ExitCode.Interrupted;
            }
            runs.Add((name, [.. part.Rows]));
            results.Add((name, rate, result.Epochs[^1]));
        }

        run.Report.Title = "Seven optimizers, one network";
        run.Report.Subtitle = $"784-128-64-10 on {train.Count} images of handwritten digits, {epochs} epochs, " +
            $"batches of {batchSize}, seed {seed}";
        run.Report.Compare(runs, "step/loss", "train/loss", "validation/loss", "validation/accuracy");
        foreach (var (name, rate, _) in results)
            run.Report.HyperParameters.Add(name, $"learning rate {rate}");
        run.WriteReport();
        output.WriteLine();
        output.WriteLine("optimizer  learning rate  training loss  test loss  test accuracy");
        foreach (var (name, rate, last) in results)
        {
            output.WriteLine($"{name,-9}  {rate,13}  {last["train/loss"],13:0.0000}  " +
                $"{last["validation/loss"],9:0.0000}  " +
                $"{100 * last["validation/accuracy"],11:0.00} %");
        }
        output.WriteLine($"report: {run.ReportPath}");
        return ExitCode.Success;
    }
}
