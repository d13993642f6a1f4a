// A trainer when something goes wrong: errors during a step, data without batches, folders that cannot be written.

using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Tests.Data;
using TorchScratch.Training;

namespace TorchScratch.Tests.Training;

public sealed class TrainerTroubleTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly Linear _model;
    private readonly SGD _optimizer;

    public TrainerTroubleTests()
    {
        Runtime.ManualSeed(5);
        _model = new Linear(2, 1);
        _optimizer = new SGD(_model.Parameters(), 0.1);
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _model.Dispose();
        _folder.Dispose();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void DataWithoutBatchesIsAnErrorThatSaysWhy(bool isValidation)
    {
        var none = new DataLoader(Line(3), batchSize: 4, dropLast: true);
        var trainer = new Trainer(_model, _optimizer, Loss)
        {
            TrainingData = isValidation ? new DataLoader(Line(3)) : none,
            ValidationData = isValidation ? none : null,
        };
        var error = Assert.Throws<ValueException>(() => trainer.Fit(1));
        Assert.Contains(isValidation ? "ValidationData" : "TrainingData", error.Message, StringComparison.Ordinal);
        Assert.Contains("3 samples and a batch size of 4", error.Message, StringComparison.Ordinal);
        Assert.Equal(default, trainer.Position);
    }

    // Of five batches, two make a step each and the last one makes a step alone. The error occurs in the second step.
    [Fact]
    public void AfterAnErrorTheStepStartsOver()
    {
        var expected = Weights(Fit(failAt: -1));
        Assert.Equal(expected, Weights(Fit(failAt: 3)));
        Assert.Equal(expected, Weights(Fit(failAt: 4)));

        Linear Fit(int failAt)
        {
            Runtime.ManualSeed(8);
            var model = new Linear(2, 1);
            using var optimizer = new SGD(model.Parameters(), 0.1);
            var calls = 0;
            var trainer = new Trainer(model, optimizer, batch => ++calls == failAt
                ? throw new InvalidOperationException("once")
                : Loss(model.Call(batch.Inputs), batch.Targets))
            {
                TrainingData = new DataLoader(Line(5)),
                AccumulationSteps = 2,
                Checkpoints = new CheckpointPlan(_folder["run.safetensors"]),
            };
            if (failAt >= 0)
            {
                Assert.Throws<InvalidOperationException>(() => trainer.Fit(2));
                Assert.Equal(new TrainingPosition(0, 2, 1), trainer.Position);
                trainer.SaveCheckpoint();
            }
            Assert.Equal(new TrainingPosition(2, 0, 6), trainer.Fit(2).Position);
            return model;
        }
    }

    [Fact]
    public void NoCheckpointIsSavedDuringAStepOrAValidation()
    {
        using var averages = new ExponentialMovingAverage(_model, 0.5);
        var seen = new List<(TrainingPhase Phase, int Batch, bool IsSaved)>();
        Trainer trainer = null!;
        trainer = new Trainer(_model, _optimizer, Loss)
        {
            TrainingData = new DataLoader(Line(3)),
            ValidationData = new DataLoader(Line(1)),
            AccumulationSteps = 2,
            Averages = averages,
            Checkpoints = new CheckpointPlan(_folder["run.safetensors"]),
            ProgressInterval = TimeSpan.Zero,
            Progress = new Calls(progress => seen.Add((progress.Phase, progress.Batch, CanSave(trainer)))),
        };
        trainer.Fit(1);
        Assert.Equal([(TrainingPhase.Training, 1, false), (TrainingPhase.Training, 2, true),
            (TrainingPhase.Training, 3, true), (TrainingPhase.Validation, 1, false),
            (TrainingPhase.EpochEnd, 3, true)], seen);

        static bool CanSave(Trainer trainer)
        {
            try
            {
                trainer.SaveCheckpoint();
                return true;
            }
            catch (InvalidOperationException)
            {
                return false;
            }
        }
    }

    [Fact]
    public void ACancelledValidationIsRepeated()
    {
        using var cancellation = new CancellationTokenSource();
        using var averages = new ExponentialMovingAverage(_model, 0.9);
        var before = Weights(_model);
        var trainer = new Trainer(_model, _optimizer, Loss)
        {
            TrainingData = new DataLoader(Line(4)),
            ValidationData = new DataLoader(Line(4)),
            Averages = averages,
            Checkpoints = new CheckpointPlan(_folder["run.safetensors"]),
            ProgressInterval = TimeSpan.Zero,
            Progress = new Calls(progress =>
            {
                if (progress.Phase == TrainingPhase.Validation)
                    cancellation.Cancel();
            }),
        };
        var result = trainer.Fit(1, cancellation.Token);
        Assert.Equal((TrainingOutcome.Cancelled, new TrainingPosition(0, 4, 4)), (result.Outcome, result.Position));
        var trained = Weights(_model);
        Assert.NotEqual(before, trained);
        Assert.Equal(TrainingOutcome.Completed, trainer.Fit(1).Outcome);
        Assert.Equal(trained, Weights(_model));
        Assert.Equal(4, trainer.Position.Step);
        Assert.Single(trainer.Epochs);
    }

    [Fact]
    public void TheBestWeightsAreAlsoThoseThatAreEvaluated()
    {
        using var averages = new ExponentialMovingAverage(_model, 0.5);
        var data = new DataLoader(Line(4));
        var losses = new List<double>();
        var trainer = new Trainer(_model, _optimizer, Loss)
        {
            TrainingData = data,
            ValidationData = data,
            Averages = averages,
            EarlyStopping = new EarlyStopping(patience: 1),
            EpochEnded = epoch =>
            {
                losses.Add(epoch["validation/loss"]);
                // The learning rate is too large from the third epoch on.
                _optimizer.LearningRate = epoch.Epoch < 1 ? 0.1 : 3;
            },
        };
        Assert.Equal(TrainingOutcome.StoppedEarly, trainer.Fit(20).Outcome);
        Assert.True(losses[^1] > losses.Min());
        Assert.Equal(losses.Min(), trainer.Evaluate(data));
    }

    [Theory]
    [InlineData(double.NaN)]
    [InlineData(-1)]
    public void TheMinimumImprovementIsZeroOrMore(double minDelta) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new EarlyStopping(minDelta: minDelta));

    [Fact]
    public void AScheduleThatNeedsALossIsRefusedBeforeTheFirstStep()
    {
        var trainer = new Trainer(_model, _optimizer, Loss)
        {
            TrainingData = new DataLoader(Line(2)),
            StepSchedulers = [new ReduceLROnPlateau(_optimizer)],
        };
        Assert.Contains("EpochSchedulers", Assert.Throws<ValueException>(() => trainer.Fit(1)).Message,
            StringComparison.Ordinal);
        Assert.Equal(0, trainer.Position.Step);
    }

    [Fact]
    public void ARunResumesWithOtherValidationDataAndMoreEpochs()
    {
        var path = _folder["run.safetensors"];
        Assert.Equal(1, Trainer(new DataLoader(Line(2))).Fit(1).Position.Epoch);
        var second = Trainer(null);
        second.Resume(path);
        second.Fit(2);
        var third = Trainer(new DataLoader(Line(2)));
        third.Resume(path);
        var epochs = third.Fit(3).Epochs;
        Assert.Equal([true, false, true], epochs.Select(epoch => double.IsFinite(epoch["validation/loss"])));
        Assert.All(epochs, epoch => Assert.True(double.IsFinite(epoch["train/loss"])));

        // Fewer epochs than are finished: nothing is done, and nothing is undone.
        var last = Trainer(null);
        last.Resume(path);
        Assert.Equal(new TrainingPosition(3, 0, 9), last.Fit(1).Position);

        Trainer Trainer(DataLoader? validation) => new(_model, _optimizer, Loss)
        {
            TrainingData = new DataLoader(Line(3)),
            ValidationData = validation,
            EpochSchedulers = [new ReduceLROnPlateau(_optimizer)],
            Checkpoints = new CheckpointPlan(path),
        };
    }

    [Fact]
    public void AfterAWriteErrorTheTrainingCanContinue()
    {
        File.WriteAllText(_folder["file"], "in the way");
        var trainer = new Trainer(_model, _optimizer, Loss)
        {
            TrainingData = new DataLoader(Line(2)),
            Checkpoints = new CheckpointPlan(_folder["file/run.safetensors"]),
        };
        Assert.Throws<TensorIOException>(() => trainer.Fit(1));
        Assert.Equal(new TrainingPosition(1, 0, 2), trainer.Position);
        File.Delete(_folder["file"]);
        Assert.Equal(TrainingOutcome.Completed, trainer.Fit(1).Outcome);
        Assert.True(File.Exists(_folder["file/run.safetensors"]));
    }

    [Fact]
    public async Task TwoTrainersMayWriteTheSameFile()
    {
        var path = _folder["run.safetensors"];
        await Task.WhenAll(Task.Run(Train), Task.Run(Train));
        Assert.Equal(20, TrainingCheckpoint.Inspect(path).Position.Epoch);
        Assert.Equal(["run.safetensors"], Directory.GetFiles(_folder.Path).Select(Path.GetFileName));

        void Train()
        {
            using var model = new Linear(2, 1);
            using var optimizer = new SGD(model.Parameters(), 0.1);
            new Trainer(model, optimizer, Loss)
            {
                TrainingData = new DataLoader(Line(1)),
                Checkpoints = new CheckpointPlan(path),
            }.Fit(20);
        }
    }

    [Fact]
    public void NoPartOfACheckpointIsACheckpoint()
    {
        var path = _folder["run.safetensors"];
        Trainer(_model, _optimizer).Fit(1);
        var whole = File.ReadAllBytes(path);
        var weights = Weights(_model);
        for (var length = 0; length < whole.Length; length += 41)
        {
            File.WriteAllBytes(path, whole[..length]);
            Assert.Throws<TensorIOException>(() => Trainer(_model, _optimizer).Resume(path));
        }
        File.WriteAllBytes(path, whole);
        using var other = new Linear(2, 3);
        using var optimizer = new SGD(other.Parameters(), 0.1);
        Assert.Contains("weight",
            Assert.Throws<StateDictException>(() => Trainer(other, optimizer).Resume(path)).Message,
            StringComparison.Ordinal);
        Assert.Equal(weights, Weights(_model));

        Trainer Trainer(Linear model, SGD optimizer) => new(model, optimizer, Loss)
        {
            TrainingData = new DataLoader(Line(2)),
            Checkpoints = new CheckpointPlan(path),
        };
    }

    [Theory]
    [InlineData(2, true, 4, "seed 2")]
    [InlineData(1, false, 4, "by index")]
    [InlineData(1, true, 3, "3 in a batch")]
    public void AnotherOrderOfSamplesIsRefused(ulong seed, bool shuffle, int batchSize, string difference)
    {
        var path = _folder["run.safetensors"];
        Trainer(1, true, 4).Fit(1);
        var weights = Weights(_model);
        // Three batches in each case, so that their number does not differ.
        var error = Assert.Throws<ValueException>(() => Trainer(seed, shuffle, batchSize).Resume(path));
        Assert.Contains("seed 1, shuffled, 4 in a batch", error.Message, StringComparison.Ordinal);
        Assert.Contains(difference, error.Message, StringComparison.Ordinal);
        Assert.Equal(weights, Weights(_model));
        Assert.Empty(Trainer(1, true, 4).Resume(path));

        Trainer Trainer(ulong seed, bool shuffle, int batchSize) => new(_model, _optimizer, Loss)
        {
            TrainingData = new DataLoader(Line(3 * batchSize), batchSize, shuffle, seed),
            Checkpoints = new CheckpointPlan(path),
        };
    }

    private static Tensor Loss(Tensor predictions, Tensor targets) => Functional.MseLoss(predictions, targets);

    private static TensorDataset Line(int count)
    {
        var inputs = Tensor.Arange(2 * count, dtype: DType.Float32).Reshape([count, 2]) / count;
        return new TensorDataset(inputs, inputs.Sum([1], keepDim: true));
    }

    private static float[] Weights(Linear model) =>
        [.. model.Weight.Value.ToArray<float>(), .. model.Bias!.Value.ToArray<float>()];

    private sealed class Calls(Action<TrainingProgress> call) : IProgress<TrainingProgress>
    {
        public void Report(TrainingProgress value) => call(value);
    }
}
