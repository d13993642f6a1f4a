// Readers of .safetensors files: plain ones, and the states of modules, optimizers, schedules and trainings.

using System.Globalization;
using System.Runtime.InteropServices;
using TorchScratch.Data;
using TorchScratch.IO;
using TorchScratch.NN;
using TorchScratch.Optim;
using TorchScratch.Training;

namespace TorchScratch.Fuzz.Files;

internal static class StateReaders
{
    public static IEnumerable<FileReader> All()
    {
        yield return new Plain();
        yield return new ModuleState(strict: true);
        yield return new ModuleState(strict: false);
        foreach (var (name, make) in Optimizers)
            yield return new OptimizerState(name, make);
        foreach (var (name, make) in Schedulers)
            yield return new SchedulerState(name, make);
        yield return new Checkpoint();
        yield return new Resumption();
    }

    private static readonly (string Name, Func<IEnumerable<Parameter>, Optimizer> Make)[] Optimizers =
    [
        ("Adam", parameters => new Adam(parameters)),
        ("SGD", parameters => new SGD(parameters, 0.1, momentum: 0.9)),
        ("RMSprop", parameters => new RMSprop(parameters)),
        ("NAdam", parameters => new NAdam(parameters)),
    ];

    private static readonly (string Name, Func<Optimizer, LRScheduler> Make)[] Schedulers =
    [
        ("StepLR", optimizer => new StepLR(optimizer, 2)),
        ("OneCycleLR", optimizer => new OneCycleLR(optimizer, 0.1, 20)),
        ("ReduceLROnPlateau", optimizer => new ReduceLROnPlateau(optimizer)),
        ("CosineAnnealingWarmRestarts", optimizer => new CosineAnnealingWarmRestarts(optimizer, 3)),
        ("SequentialLR", optimizer => new SequentialLR(optimizer, [new ConstantLR(optimizer), new StepLR(optimizer, 2)], [2])),
    ];

    private static Sequential Model() => new(new Linear(3, 4), new BatchNorm1d(4), new ReLU(), new Linear(4, 2));

    private static void TakeStep(Sequential model, Optimizer optimizer)
    {
        optimizer.ZeroGrad();
        model.Call(Tensor.Randn([5, 3])).Square().Mean().Backward();
        optimizer.Step();
    }

    // Names, types, shapes and bytes.
    private static string Bits(IEnumerable<KeyValuePair<string, Tensor>> state) => string.Join("; ", state.Select(entry =>
    {
        using var dense = entry.Value.Detach().Contiguous();
        var bytes = dense.DType switch
        {
            DType.Int64 => MemoryMarshal.AsBytes(dense.AsSpan<long>()).ToArray(),
            DType.Float64 => MemoryMarshal.AsBytes(dense.AsSpan<double>()).ToArray(),
            DType.Float32 => MemoryMarshal.AsBytes(dense.AsSpan<float>()).ToArray(),
            _ => [],
        };
        return $"{entry.Key} {dense.DType} [{string.Join(",", dense.Shape.ToArray())}] {Convert.ToHexString(bytes)}";
    }));

    private abstract class SafeTensorsReader : FileReader
    {
        public override string FileName => "state.safetensors";

        public override Container Container => Container.SafeTensors;

        public override bool KnowsItsLength => true;

        protected static byte[] Saved(IReadOnlyDictionary<string, Tensor> state, Dictionary<string, string>? texts = null) =>
            Written("seed.safetensors", path => SafeTensors.Save(path, state, texts));
    }

    private sealed class Plain : SafeTensorsReader
    {
        public override string Name => "SafeTensors";

        public override IEnumerable<byte[]> Seeds()
        {
            yield return Saved(Enum.GetValues<DType>().ToDictionary(dtype => dtype.ToString(),
                dtype => Tensor.Ones([2, 3], dtype)), new() { ["format"] = "pt", ["note"] = "\"é\n" });
            yield return Saved(new Dictionary<string, Tensor> { ["empty"] = Tensor.Zeros([0, 3]), [""] = Tensor.FromScalar(1) });
            yield return Saved(new Dictionary<string, Tensor>());
            foreach (var file in SharedFiles.Find("*.safetensors"))
                yield return File.ReadAllBytes(file);
        }

        public override void Read(string path)
        {
            SafeTensors.Load(path, out var texts);
            // What can be loaded has metadata that can be read alone, and they are the same.
            var alone = SafeTensors.ReadMetadata(path);
            if (!alone.OrderBy(entry => entry.Key, StringComparer.Ordinal)
                .SequenceEqual(texts.OrderBy(entry => entry.Key, StringComparer.Ordinal)))
            {
                throw new InvalidOperationException("Load and ReadMetadata give other metadata");
            }
        }
    }

    private sealed class ModuleState(bool strict) : SafeTensorsReader
    {
        private Sequential _model = Model();

        public override string Name => strict ? "Module.Load" : "Module.Load not strict";

        public override IEnumerable<byte[]> Seeds()
        {
            yield return Written("seed.safetensors", path => Model().Save(path));
            yield return Written("seed.safetensors", path => new Sequential(new Linear(3, 4)).Save(path));
            yield return Written("seed.safetensors", path => new Sequential(new Linear(4, 4, dtype: DType.Float16)).Save(path));
        }

        public override void Prepare(string folder) => _model = Model();

        public override void Read(string path) => _model.Load(path, strict);

        public override string State() => Bits(_model.StateDict());
    }

    private sealed class OptimizerState(string name, Func<IEnumerable<Parameter>, Optimizer> make) : SafeTensorsReader
    {
        private Optimizer _optimizer = make(Model().Parameters());

        public override string Name => $"{name}.LoadStateDict";

        public override IEnumerable<byte[]> Seeds()
        {
            yield return Saved(make(Model().Parameters()).StateDict());
            var model = Model();
            var optimizer = make(model.Parameters());
            TakeStep(model, optimizer);
            yield return Saved(optimizer.StateDict());
        }

        public override void Prepare(string folder)
        {
            var model = Model();
            _optimizer = make(model.Parameters());
            TakeStep(model, _optimizer);
        }

        public override void Read(string path)
        {
            _optimizer.LoadStateDict(SafeTensors.Load(path));
            _optimizer.Step();
        }

        public override string State() => Bits(_optimizer.StateDict());
    }

    private sealed class SchedulerState(string name, Func<Optimizer, LRScheduler> make) : SafeTensorsReader
    {
        private LRScheduler _scheduler = make(new SGD(Model().Parameters(), 0.1));

        public override string Name => $"{name}.LoadStateDict";

        public override IEnumerable<byte[]> Seeds()
        {
            Prepare("");
            yield return Saved(_scheduler.StateDict());
            Step();
            Step();
            yield return Saved(_scheduler.StateDict());
        }

        public override void Prepare(string folder) => _scheduler = make(new SGD(Model().Parameters(), 0.1, momentum: 0.9));

        public override void Read(string path) => _scheduler.LoadStateDict(SafeTensors.Load(path));

        public override string State() => Bits(_scheduler.StateDict()) + Bits(_scheduler.Optimizer.StateDict());

        private void Step()
        {
            if (_scheduler is ReduceLROnPlateau plateau)
                plateau.Step(1.0);
            else
                _scheduler.Step();
        }
    }

    private sealed class Checkpoint : SafeTensorsReader
    {
        private Sequential _model = Model();
        private TrainingCheckpoint? _checkpoint;
        private Optimizer? _optimizer;
        private LRScheduler? _scheduler;
        private ExponentialMovingAverage? _averages;
        private Accuracy? _accuracy;

        public override string Name => "TrainingCheckpoint";

        public override IEnumerable<byte[]> Seeds()
        {
            Prepare("");
            yield return Written("seed.safetensors", path => _checkpoint!.Save(path, new(1, 2, 30),
                new Dictionary<string, string> { ["trainer"] = "text" }));
        }

        public override void Prepare(string folder)
        {
            _model = Model();
            _optimizer = new Adam(_model.Parameters());
            TakeStep(_model, _optimizer);
            _scheduler = new StepLR(_optimizer, 2);
            _averages = new ExponentialMovingAverage(_model);
            _accuracy = new Accuracy();
            _checkpoint = new(_model, _optimizer)
            {
                Schedulers = [_scheduler],
                Averages = _averages,
                Metrics = [_accuracy],
            };
        }

        public override void Read(string path)
        {
            // What can be loaded can be inspected.
            _checkpoint!.Load(path);
            TrainingCheckpoint.Inspect(path);
        }

        public override string State() => Bits(_model.StateDict()) + Bits(_optimizer!.StateDict()) +
            Bits(_scheduler!.StateDict()) + Bits(_averages!.StateDict()) + string.Join(",", _accuracy!.SaveState()) +
            Runtime.RandomState;
    }

    private sealed class Resumption : SafeTensorsReader
    {
        private Trainer? _trainer;

        public override string Name => "Trainer.Resume";

        public override IEnumerable<byte[]> Seeds()
        {
            var path = Path.GetFullPath("seed-trainer.safetensors");
            Make(path).Fit(1);
            yield return File.ReadAllBytes(path);
        }

        public override void Prepare(string folder) => _trainer = Make(null);

        public override void Read(string path) => _trainer!.Resume(path);

        public override string State() => string.Create(CultureInfo.InvariantCulture,
            $"{_trainer!.Position} {_trainer.Epochs.Count} {Bits(_trainer.Model.StateDict())}") +
            Bits(_trainer.Optimizer.StateDict()) + Runtime.RandomState;

        private static Trainer Make(string? path)
        {
            var model = Model();
            var data = new TensorDataset(Tensor.Randn([6, 3]), Tensor.Zeros([6], DType.Int64));
            return new(model, new SGD(model.Parameters(), 0.1), (predictions, targets) => Functional.CrossEntropy(predictions,
                targets))
            {
                TrainingData = new DataLoader(data, batchSize: 3),
                TrainingMetrics = [new Accuracy()],
                EarlyStopping = new EarlyStopping("train/loss"),
                Checkpoints = path is null ? null : new CheckpointPlan(path),
            };
        }
    }
}
