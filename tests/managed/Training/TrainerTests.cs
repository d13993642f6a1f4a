// The trainer: it learns, an interrupted and resumed run ends bit for bit like an uninterrupted one, and
// early stopping works.

using System.Runtime.InteropServices;
using System.Security.Cryptography;
using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Tests.Data;
using TorchScratch.Training;

namespace TorchScratch.Tests.Training;

public class TrainerTests
{
    private static readonly ImageDataset Digits = DrawnDigits.Create(640, seed: 1);

    [Fact]
    public void ItLearnsAndReportsItsProgress()
    {
        using var run = new Run(DrawnDigits.Create(6_000, seed: 1), null);
        var seen = new List<TrainingProgress>();
        var trainer = run.Trainer(progress: seen);
        var result = trainer.Fit(3);
        Assert.Equal(TrainingOutcome.Completed, result.Outcome);
        Assert.Equal(new TrainingPosition(3, 0, 3 * 94), result.Position);
        Assert.Equal([0, 1, 2], result.Epochs.Select(epoch => epoch.Epoch));
        // Guessing would give 0.1.
        Assert.InRange(result.Epochs[^1]["validation/accuracy"], 0.75, 1);
        foreach (var loss in new[] { "train/loss", "validation/loss" })
        {
            Assert.True(result.Epochs[1][loss] < result.Epochs[0][loss], loss);
            Assert.True(result.Epochs[2][loss] < result.Epochs[1][loss], loss);
        }
        Assert.Equal(3, seen.Count(progress => progress.Phase == TrainingPhase.EpochEnd));
        Assert.Contains(seen, progress => progress.Phase == TrainingPhase.Validation &&
            progress.Batch == progress.Batches);
        var error = Assert.Throws<ValueException>(() => result.Epochs[0]["loss"]);
        Assert.Contains("train/loss, train/accuracy, train/F1, validation/loss", error.Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(7, 1)]
    [InlineData(10, 1)]
    [InlineData(13, 1)]
    [InlineData(4, 3)]
    [InlineData(7, 1, "bfloat16")]
    [InlineData(7, 1, "float16")]
    [InlineData(4, 3, "float16")]
    public void AResumedRunIsBitForBitTheSame(int stopAfter, int accumulation, string? precision = null)
    {
        const int Growth = 2;  // so often that steps in float16 overflow
        using var folder = new TemporaryFolder();
        using var whole = new Run(Digits, folder["whole"], accumulation, precision, Growth);
        var trained = whole.Trainer();
        var expected = trained.Fit(3);
        Assert.NotEqual(65536, trained.Scaler?.GetScale());
        var expectedState = whole.State();
        var expectedRows = File.ReadAllText(folder["whole/metrics.csv"]);

        using (var first = new Run(Digits, folder["part"], accumulation, precision, Growth))
        {
            using var cancellation = new CancellationTokenSource();
            var trainer = first.Trainer(progress: new CancelAt(stopAfter, cancellation));
            Assert.Equal(TrainingOutcome.Cancelled, trainer.Fit(3, cancellation.Token).Outcome);
            // Rows of later steps than the checkpoint, as a killed process leaves them.
            first.Folder!.Log(1000, 9, [new("step/loss", 1)]);
        }
        Runtime.ManualSeed(99);
        using var second = new Run(Digits, folder["part"], accumulation, precision, Growth);
        var resumed = second.Trainer();
        resumed.Resume(folder["part/checkpoint.safetensors"]);
        Assert.NotEqual(0, resumed.Position.Step);
        var result = resumed.Fit(3);

        Assert.Equal(expected.Position, result.Position);
        Assert.Equal(expected.Epochs.Select(epoch => string.Join(";", epoch.Values)),
            result.Epochs.Select(epoch => string.Join(";", epoch.Values)));
        Assert.Equal(expectedState, second.State());
        Assert.Equal(File.ReadAllBytes(folder["whole/checkpoint.safetensors"]),
            File.ReadAllBytes(folder["part/checkpoint.safetensors"]));
        Assert.Equal(expectedRows, File.ReadAllText(folder["part/metrics.csv"]));
    }

    [Fact]
    public void AccumulatedGradientsAreThoseOfALargeBatch()
    {
        Runtime.ManualSeed(3);
        using var model = new Sequential(new Flatten(), new Linear(784, 10));
        var start = Copy(model);
        Fit(batch: 64, accumulation: 1);
        var large = Copy(model);
        model.LoadStateDict(start);
        Fit(batch: 16, accumulation: 4);
        foreach (var (name, tensor) in Copy(model))
            Assert.True(tensor.Sub(large[name]).Abs().Max().ToDouble() < 1e-6);

        void Fit(int batch, int accumulation)
        {
            using var optimizer = new SGD(model.Parameters(), 0.1);
            var trainer = new Trainer(model, optimizer, (p, t) => Functional.CrossEntropy(p, t))
            {
                TrainingData = new DataLoader(Digits, batch),
                AccumulationSteps = accumulation,
            };
            Assert.Equal(10, trainer.Fit(1).Position.Step);
        }

        static Dictionary<string, Tensor> Copy(Sequential model) =>
            model.StateDict().ToDictionary(entry => entry.Key, entry => entry.Value.Clone());
    }

    [Fact]
    public void EarlyStoppingPutsTheBestWeightsBack()
    {
        using var folder = new TemporaryFolder();
        using var run = new Run(Digits, folder["run"]);
        var stopping = new EarlyStopping(patience: 1);
        float[]? best = null;
        var lowest = double.PositiveInfinity;
        var trainer = run.Trainer(stopping: stopping, ended: epoch =>
        {
            // The learning rate is too large from the third epoch on.
            if (epoch.Epoch == 1)
                run.Optimizer.LearningRate = 3;
            if (epoch["validation/loss"] < lowest)
                (lowest, best) = (epoch["validation/loss"], Weights(run.Model));
        });
        var result = trainer.Fit(20);
        Assert.Equal(TrainingOutcome.StoppedEarly, result.Outcome);
        Assert.InRange(result.Epochs.Count, 3, 19);
        Assert.Equal(lowest, stopping.Best);
        Assert.Equal(best, Weights(run.Model));

        // A resumed run remembers that it has stopped.
        using var again = new Run(Digits, folder["run"]);
        var resumed = again.Trainer(stopping: new EarlyStopping(patience: 1));
        resumed.Resume(folder["run/checkpoint.safetensors"]);
        Assert.Equal(TrainingOutcome.StoppedEarly, resumed.Fit(20).Outcome);
        Assert.Equal(best, Weights(again.Model));

        static float[] Weights(Sequential model) => model.StateDict()["1.weight"].ToArray<float>();
    }

    [Fact]
    public void ALossThatIsNotFiniteIsReportedWithItsPosition()
    {
        using var run = new Run(Digits, null);
        var trainer = new Trainer(run.Model, run.Optimizer,
            (logits, labels) => Functional.CrossEntropy(logits, labels) * double.NaN)
        {
            TrainingData = new DataLoader(Digits, 64),
        };
        var error = Assert.Throws<ValueException>(() => trainer.Fit(1));
        Assert.Contains("epoch 1, batch 1", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void MetricsNeedPredictions()
    {
        using var run = new Run(Digits, null);
        var trainer = new Trainer(run.Model, run.Optimizer,
            batch => Functional.CrossEntropy(run.Model.Call(batch.Inputs), batch.Targets))
        {
            TrainingData = new DataLoader(Digits, 64),
            TrainingMetrics = [new Accuracy()],
        };
        Assert.Contains("StepOutput", Assert.Throws<ValueException>(() => trainer.Fit(1)).Message,
            StringComparison.Ordinal);
    }

    // A model with dropout and batch normalization, schedules for steps and for epochs, averages, and a loader with
    // two workers.
    [Theory]
    [InlineData("bfloat16")]
    [InlineData("float16")]
    public void ATrainingInAHalfTypeLearnsAsWell(string precision)
    {
        var digits = DrawnDigits.Create(2_000, seed: 1);
        using var full = new Run(digits, null);
        using var half = new Run(digits, null, precision: precision);
        var expected = full.Trainer().Fit(3).Epochs[^1];
        var trainer = half.Trainer();
        var epoch = trainer.Fit(3).Epochs[^1];
        Assert.InRange(epoch["validation/loss"], expected["validation/loss"] * 0.9, expected["validation/loss"] * 1.1);
        Assert.All(half.Model.Parameters(), parameter => Assert.Equal(DType.Float32, parameter.DType));
        Assert.Equal(precision == "float16", trainer.Scaler is not null);
        Assert.False(Autocast.IsEnabled);
    }

    [Fact]
    public void APrecisionIsAHalfTypeAndStaysTheSame()
    {
        using var folder = new TemporaryFolder();
        using (var first = new Run(Digits, folder["run"], precision: "bfloat16"))
            first.Trainer().Fit(1);
        using var second = new Run(Digits, folder["run"]);
        var error = Assert.Throws<ValueException>(() =>
            second.Trainer().Resume(folder["run/checkpoint.safetensors"]));
        Assert.Contains("Precision differs: the checkpoint has 'bfloat16'", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentOutOfRangeException>(() => new Trainer(second.Model, second.Optimizer,
            (p, t) => Functional.CrossEntropy(p, t))
        {
            TrainingData = new DataLoader(Digits, batchSize: 64),
            Precision = DType.Float64,
        });
    }

    private sealed class Run : IDisposable
    {
        private readonly ImageDataset _digits;
        private readonly int _accumulation;
        private readonly ExponentialMovingAverage _averages;
        private readonly DType? _precision;
        private readonly int _growthInterval;

        public Run(ImageDataset digits, string? folder, int accumulation = 1, string? precision = null,
            int growthInterval = 2000)
        {
            Runtime.ManualSeed(1);
            (_digits, _accumulation) = (digits, accumulation);
            _growthInterval = growthInterval;
            _precision = precision switch { null => null, "float16" => DType.Float16, _ => DType.BFloat16 };
            Model = new Sequential(new Flatten(), new Linear(784, 32), new BatchNorm1d(32), new ReLU(),
                new Dropout(0.2), new Linear(32, 10));
            Optimizer = new Adam(Model.Parameters(), 3e-3);
            _averages = new ExponentialMovingAverage(Model, 0.9);
            Folder = folder is null ? null : RunFolder.Open(folder);
        }

        public Sequential Model { get; }

        public Adam Optimizer { get; }

        public RunFolder? Folder { get; }

        public Trainer Trainer(IProgress<TrainingProgress>? progress = null, EarlyStopping? stopping = null,
            Action<EpochResult>? ended = null) =>
            new(Model, Optimizer, (logits, labels) => Functional.CrossEntropy(logits, labels))
            {
                TrainingData = new DataLoader(_digits, batchSize: 64, shuffle: true, seed: 7, workers: 2),
                ValidationData = new DataLoader(_digits.Take(200), batchSize: 100),
                TrainingMetrics = [new Accuracy(), new F1Score(10)],
                ValidationMetrics = [new Accuracy(), new ConfusionMatrix(10)],
                StepSchedulers = stopping is null ? [new CosineAnnealingLR(Optimizer, 1000)] : [],
                EpochSchedulers = stopping is null ? [new ReduceLROnPlateau(Optimizer, patience: 0)] : [],
                GradientClipNorm = stopping is null ? 1 : null,
                AccumulationSteps = _accumulation,
                Precision = _precision,
                Scaler = _precision == DType.Float16 ? new GradScaler(growthInterval: _growthInterval) : null,
                Averages = stopping is null ? _averages : null,
                EarlyStopping = stopping,
                Checkpoints = Folder is null ? null : new CheckpointPlan(Folder.CheckpointPath),
                Run = Folder,
                LogEverySteps = 3,
                Progress = progress,
                ProgressInterval = TimeSpan.Zero,
                EpochEnded = ended,
            };

        public Trainer Trainer(List<TrainingProgress> progress) => Trainer(new Collector(progress));

        public string State() => string.Join("\n", Model.StateDict().Concat(Optimizer.StateDict())
            .Concat(_averages.StateDict()).Select(entry => $"{entry.Key} {Hash(entry.Value)}"));

        public void Dispose()
        {
            Folder?.Dispose();
            _averages.Dispose();
            Optimizer.Dispose();
            Model.Dispose();
        }

        private static string Hash(Tensor tensor)
        {
            // Exact: even NaNs and negative zeros are distinguished.
            var values = tensor.To(DType.Float64).ToArray<double>();
            return Convert.ToHexString(SHA256.HashData(MemoryMarshal.AsBytes(values.AsSpan())));
        }
    }

    private sealed class Collector(List<TrainingProgress> seen) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => seen.Add(value);
    }

    private sealed class CancelAt(int batch, CancellationTokenSource cancellation) : IProgress<TrainingProgress>
    {
        private int _batches;

        public void Report(TrainingProgress value)
        {
            if (value.Phase == TrainingPhase.Training && ++_batches == batch)
                cancellation.Cancel();
        }
    }
}
