// Checkpoints: a mismatch changes nothing, and a file is replaced only by a complete one.

using TorchScratch.IO;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Tests.Data;
using TorchScratch.Training;

namespace TorchScratch.Tests.Training;

public class CheckpointTests
{
    private static readonly TrainingPosition Position = new(2, 5, 77);

    [Fact]
    public void EverythingIsRestored()
    {
        using var folder = new TemporaryFolder();
        using var model = Trained(out var optimizer, out var scheduler);
        var accuracy = new Accuracy();
        accuracy.RestoreState([3, 4]);
        var checkpoint = new TrainingCheckpoint(model, optimizer) { Schedulers = [scheduler], Metrics = [accuracy] };
        Runtime.ManualSeed(11);
        Tensor.Rand([5]).Dispose();
        var random = Runtime.RandomState;
        checkpoint.Save(folder["c"], Position, new Dictionary<string, string> { ["note"] = "a, \"b\" é" });
        Assert.Equal([folder["c"]], Directory.GetFiles(folder.Path));

        using var other = Fresh(out var otherOptimizer, out var otherScheduler);
        var otherAccuracy = new Accuracy();
        var (position, metadata) = new TrainingCheckpoint(other, otherOptimizer)
        {
            Schedulers = [otherScheduler],
            Metrics = [otherAccuracy],
        }.Load(folder["c"]);
        Assert.Equal(Position, position);
        Assert.Equal("a, \"b\" é", metadata["note"]);
        Assert.Equal(random, Runtime.RandomState);
        Assert.Equal(0.75, otherAccuracy.Value);
        Assert.Equal(Values(model, optimizer), Values(other, otherOptimizer));
        Assert.Equal(scheduler.Epoch, otherScheduler.Epoch);
        Assert.Equal(Position, TrainingCheckpoint.Inspect(folder["c"]).Position);
    }

    [Fact]
    public void AMismatchChangesNothing()
    {
        using var folder = new TemporaryFolder();
        using (var model = Trained(out var optimizer, out var scheduler))
        {
            new TrainingCheckpoint(model, optimizer) { Schedulers = [scheduler], Metrics = [new Accuracy()] }
                .Save(folder["c"], Position);
        }

        using var other = Fresh(out var adam, out var schedule);
        using var sgd = new SGD(other.Parameters(), 0.1, momentum: 0.9);
        using var wide = new Sequential(new Linear(3, 9));
        using var wideOptimizer = new Adam(wide.Parameters());
        var before = Values(other, adam);
        var random = Runtime.RandomState;
        Assert.Throws<StateDictException>(() => Load(wide, wideOptimizer, [schedule], new Accuracy()));
        // First the model fits but not the optimizer; then both fit, but not the other parts.
        Assert.Throws<StateDictException>(() => Load(other, sgd, [schedule], new Accuracy()));
        Assert.Throws<ValueException>(() => Load(other, adam, [], new Accuracy()));
        Assert.Throws<ValueException>(() => Load(other, adam, [schedule], new F1Score(3)));
        Assert.Throws<StateDictException>(() => Load(other, adam, [schedule, schedule], new Accuracy()));
        Assert.Equal(before, Values(other, adam));
        Assert.Equal(random, Runtime.RandomState);

        void Load(Module model, Optimizer optimizer, LRScheduler[] schedulers, Metric metric) =>
            new TrainingCheckpoint(model, optimizer) { Schedulers = schedulers, Metrics = [metric] }.Load(folder["c"]);
    }

    [Fact]
    public void MetricsHaveDistinctNames()
    {
        var model = new Linear(2, 2);
        var optimizer = new SGD(model.Parameters());
        var error = Assert.Throws<ArgumentException>(() =>
            new TrainingCheckpoint(model, optimizer) { Metrics = [new Accuracy(), new Accuracy()] });
        Assert.Contains("two metrics are called accuracy", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void OneWrongTensorChangesNothing()
    {
        using var folder = new TemporaryFolder();
        var accuracy = new Accuracy();
        accuracy.RestoreState([3, 4]);
        using (var model = Trained(out var optimizer, out var scheduler))
        {
            new TrainingCheckpoint(model, optimizer) { Schedulers = [scheduler], Metrics = [accuracy] }
                .Save(folder["c"], Position);
        }
        var tensors = SafeTensors.Load(folder["c"], out var texts);
        using var other = Fresh(out var adam, out var schedule);
        var target = new TrainingCheckpoint(other, adam) { Schedulers = [schedule], Metrics = [new Accuracy()] };
        var before = Values(other, adam);
        foreach (var (name, tensor) in tensors)
        {
            // Which a state need not have.
            var isOptional = name.EndsWith("num_batches_tracked", StringComparison.Ordinal) ||
                name.EndsWith("initial_lr", StringComparison.Ordinal);
            foreach (var wrong in new[]
            {
                isOptional ? null : tensors.Where(entry => entry.Key != name),
                tensors.Append(new(name + "x", tensor)),
                With(Tensor.Zeros([.. tensor.Shape, 3], tensor.DType)),
                name.StartsWith("metric.", StringComparison.Ordinal) ? With(tensor.To(DType.Float32)) : null,
                name.StartsWith("metric.", StringComparison.Ordinal) ? With(tensor * double.NaN) : null,
                name.StartsWith("metric.", StringComparison.Ordinal) ? With(tensor * -1) : null,
            })
            {
                if (wrong is null)
                    continue;
                SafeTensors.Save(folder["wrong"], wrong.ToDictionary(entry => entry.Key, entry => entry.Value), texts);
                var thrown = Record.Exception(() => { target.Load(folder["wrong"]); });
                Assert.True(thrown is StateDictException or ValueException, $"{name}: {thrown}");
                Assert.Equal(before, Values(other, adam));
                Assert.Equal(0, schedule.Epoch);
            }

            IEnumerable<KeyValuePair<string, Tensor>> With(Tensor value) =>
                tensors.Where(entry => entry.Key != name).Append(new(name, value));
        }
    }

    [Fact]
    public void AFileThatIsNotACheckpointIsRefused()
    {
        using var folder = new TemporaryFolder();
        using var model = Fresh(out var optimizer, out _);
        var checkpoint = new TrainingCheckpoint(model, optimizer);
        Assert.Throws<TensorIOException>(() => checkpoint.Load(folder["nothing"]));
        model.Save(folder["weights"]);
        var error = Assert.Throws<TensorIOException>(() => checkpoint.Load(folder["weights"]));
        Assert.Contains("Module.Load", error.Message, StringComparison.Ordinal);
        checkpoint.Save(folder["c"], Position);
        var bytes = File.ReadAllBytes(folder["c"]);
        File.WriteAllBytes(folder["short"], bytes[..^3]);
        Assert.Throws<TensorIOException>(() => checkpoint.Load(folder["short"]));
    }

    [Fact]
    public void AFileThatCannotBeWrittenLeavesTheOldOne()
    {
        using var folder = new TemporaryFolder();
        using var model = Fresh(out var optimizer, out _);
        Directory.CreateDirectory(folder["c/inside"]);
        Assert.Throws<TensorIOException>(() => new TrainingCheckpoint(model, optimizer).Save(folder["c"], Position));
        Assert.True(Directory.Exists(folder["c/inside"]));
        Assert.Empty(Directory.GetFiles(folder.Path));
    }

    private static Sequential Fresh(out Adam optimizer, out StepLR scheduler)
    {
        var model = new Sequential(new Linear(3, 4), new BatchNorm1d(4), new Linear(4, 2));
        optimizer = new Adam(model.Parameters(), 0.01);
        scheduler = new StepLR(optimizer, 2);
        return model;
    }

    private static Sequential Trained(out Adam optimizer, out StepLR scheduler)
    {
        var model = Fresh(out optimizer, out scheduler);
        for (var i = 0; i < 3; i++)
        {
            model.Call(Tensor.Randn([5, 3])).Square().Mean().Backward();
            optimizer.Step();
            optimizer.ZeroGrad();
            scheduler.Step();
        }
        return model;
    }

    private static string Values(Module model, Optimizer optimizer) => string.Join("\n", model.StateDict()
        .Concat(optimizer.StateDict())
        .Select(entry => $"{entry.Key} {string.Join(" ", entry.Value.To(DType.Float64).ToArray<double>())}"));
}
