// How a trainer saves itself and goes on.

using System.Globalization;
using TorchScratch.NN;

namespace TorchScratch.Training;

public partial class Trainer<TBatch>
{
    private const string BatchesKey = "trainer.batches";
    private const string OrderKey = "trainer.order";
    private const string AccumulationKey = "trainer.accumulation";
    private const string LossName = "loss";
    private const string WindowName = "window";
    private const string StoppingName = "stopping";
    private const string HistoryPrefix = "history.";
    private const string SharePrefix = "share.";
    private const string BestPrefix = "best.";

    // What decides which samples come when: with others a run would go on, but as another one.
    private string OrderOfSamples => string.Create(CultureInfo.InvariantCulture,
        $"seed {TrainingData.Seed}, {(TrainingData.Shuffle ? "shuffled" : "by index")}, {TrainingData.BatchSize} in a batch");

    /// <summary>
    /// Goes back to where a checkpoint was written: weights, optimizer, schedules, averages, random numbers, the
    /// position in the epoch and the sums of its metrics. The rows of <see cref="Run"/> after it are cut. All of it or,
    /// with an error, nothing.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <returns>The texts kept with it.</returns>
    /// <exception cref="TensorIOException">The file is missing, damaged, or not a checkpoint.</exception>
    /// <exception cref="StateDictException">It is of another model, optimizer or schedule; the message lists what
    /// differs.</exception>
    /// <exception cref="ValueException">It is of a run with other data, metrics or metadata.</exception>
    public IReadOnlyDictionary<string, string> Resume(string path)
    {
        var (_, saved) = TrainingCheckpoint.Inspect(path);
        Check("batches in an epoch", saved.GetValueOrDefault(BatchesKey), Text(TrainingData.Count));
        Check("samples in the order of", saved.GetValueOrDefault(OrderKey), OrderOfSamples);
        Check("AccumulationSteps", saved.GetValueOrDefault(AccumulationKey), Text(AccumulationSteps));
        foreach (var (key, value) in Metadata)
            Check(key, saved.GetValueOrDefault(key), value);
        (_position, _) = Checkpoint().Load(path);
        Run?.CutAfter(_position.Step);
        if (Logger is { } logger)
            TrainerLog.Resumed(logger, path, _position.Epoch + 1, _position.Batch, _position.Step);
        return saved.Where(entry => entry.Key is not (BatchesKey or OrderKey or AccumulationKey))
            .ToDictionary(entry => entry.Key, entry => entry.Value);

        void Check(string what, string? before, string now)
        {
            if (before != now)
                throw new ValueException(
                    $"{path}: the checkpoint is of a run with {what} {before ?? "unknown"}, this one has {now}");
        }
    }

    /// <summary>
    /// Writes a checkpoint now, if there is a plan for one. To be called between two steps, as in a callback of
    /// <see cref="EpochEnded"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">A step or a test is under way.</exception>
    /// <exception cref="TensorIOException">The file cannot be written; the old one is as it was.</exception>
    public void SaveCheckpoint()
    {
        if (Checkpoints is not { } plan)
            return;
        if (!_isBetweenSteps)
        {
            throw new InvalidOperationException(
                "Trainer: a step or a test is under way, which no checkpoint can hold; " +
                "save in EpochEnded, or let CheckpointPlan.EverySteps or Every do it");
        }
        // First what a run's rows say up to here, lest a checkpoint be ahead of them.
        Run?.Flush();
        var metadata = new Dictionary<string, string>(Metadata)
        {
            [BatchesKey] = Text(TrainingData.Count),
            [OrderKey] = OrderOfSamples,
            [AccumulationKey] = Text(AccumulationSteps),
        };
        Checkpoint().Save(plan.Path, _position, metadata);
        _clocks.SinceCheckpoint.Restart();
        if (Logger is { } logger)
            TrainerLog.Saved(logger, plan.Path, _position.Epoch + 1, _position.Batch, _position.Step);
    }

    private TrainingCheckpoint Checkpoint() => new(Model, Optimizer)
    {
        Schedulers = [.. StepSchedulers, .. EpochSchedulers],
        Averages = Averages,
        Metrics = TrainingMetrics,
        Extra = (GetState, SetState),
    };

    private Dictionary<string, Tensor> GetState()
    {
        var state = new Dictionary<string, Tensor>
        {
            [LossName] = Tensor.FromArray(_loss.SaveSums()),
            [WindowName] = Tensor.FromArray(_window.SaveSums()),
        };
        if (EarlyStopping is { } stopping)
            state.Add(StoppingName, Tensor.FromArray(stopping.Save()));
        foreach (var (name, tensor) in _best ?? [])
            state.Add(BestPrefix + name, tensor);
        // A curve for each value, so that names need no place of their own.
        // Epochs before a resumption may have had other ones: NaN where there is none.
        foreach (var value in _epochs.SelectMany(epoch => epoch.Values).DistinctBy(value => value.Name))
        {
            var name = (value.IsShare ? SharePrefix : "") + value.Name;
            state.Add(HistoryPrefix + name, Tensor.FromArray([.. _epochs.Select(epoch => epoch.Find(value.Name))]));
        }
        return state;
    }

    private void SetState(IReadOnlyDictionary<string, Tensor> state)
    {
        if (!state.TryGetValue(LossName, out var loss) || !state.TryGetValue(WindowName, out var window) ||
            state.ContainsKey(StoppingName) != EarlyStopping is not null)
        {
            throw new ValueException("the checkpoint is of a run " +
                (state.ContainsKey(StoppingName) ? "that stops early, and this one does not" : "of another kind"));
        }
        _loss.RestoreSums(loss.ToArray<double>());
        _window.RestoreSums(window.ToArray<double>());
        EarlyStopping?.Restore(state[StoppingName].ToArray<double>());
        var history = Under(HistoryPrefix).Select(entry => (entry.Name, Values: entry.Tensor.ToArray<double>()))
            .ToArray();
        _epochs.Clear();
        for (var e = 0; history.Length > 0 && e < history[0].Values.Length; e++)
        {
            _epochs.Add(new(e, [.. history.Select(entry => entry.Name.StartsWith(SharePrefix, StringComparison.Ordinal)
                ? new NamedValue(entry.Name[SharePrefix.Length..], entry.Values[e], IsShare: true)
                : new NamedValue(entry.Name, entry.Values[e]))]));
        }
        DropBest();
        if (Under(BestPrefix).ToArray() is { Length: > 0 } best)
            _best = best.ToDictionary(entry => entry.Name, entry => OutOfScopes(entry.Tensor.Clone()));

        IEnumerable<(string Name, Tensor Tensor)> Under(string prefix) => state
            .Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(entry => (entry.Key[prefix.Length..], entry.Value));
    }

    // What the test saw: the averages, if there are any.
    private void KeepBest()
    {
        DropBest();
        using var noGrad = Autograd.NoGrad();
        using (Averages?.Use())
            _best = Model.StateDict().ToDictionary(entry => entry.Key, entry => OutOfScopes(entry.Value.Clone()));
    }

    private void RestoreBest()
    {
        if (_best is not { } best)
            return;
        Model.LoadStateDict(best);
        // They were tested as averages: those of a later epoch would take their place in Evaluate.
        Averages?.LoadStateDict(Averages.StateDict().Keys.ToDictionary(name => name, name => best[name]));
    }

    private void DropBest()
    {
        foreach (var (_, tensor) in _best ?? [])
            tensor.Dispose();
        _best = null;
    }

    private static Tensor OutOfScopes(Tensor tensor)
    {
        using var scope = Tensor.Scope();
        return scope.Keep(tensor);
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
