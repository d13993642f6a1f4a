// How a trainer saves its state and resumes from it.

using System.Globalization;
using TorchScratch.NN;

namespace TorchScratch.Training;

public partial class Trainer<TBatch>
{
    private const string BatchesKey = "trainer.batches";
    private const string OrderKey = "trainer.order";
    private const string AccumulationKey = "trainer.accumulation";
    private const string PrecisionKey = "trainer.precision";
    private const string LossName = "loss";
    private const string WindowName = "window";
    private const string StoppingName = "stopping";
    private const string HistoryPrefix = "history.";
    private const string SharePrefix = "share.";
    private const string BestPrefix = "best.";

    /// <summary>
    /// Restores the state in a checkpoint: weights, optimizer, schedules, averages, random number generator,
    /// position and metrics. Rows of <see cref="Run"/> that were logged later are removed. If there is an error,
    /// nothing is changed.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <returns>The <see cref="Metadata"/> in the checkpoint.</returns>
    /// <exception cref="TensorIOException">The file is missing, damaged, or not a checkpoint.</exception>
    /// <exception cref="StateDictException">
    /// It belongs to another model, optimizer or schedule; the message lists the differences.
    /// </exception>
    /// <exception cref="ValueException">
    /// It belongs to a run with another order of samples, other metrics or other metadata; the message
    /// names both values.
    /// </exception>
    public IReadOnlyDictionary<string, string> Resume(string path)
    {
        var (position, saved) = TrainingCheckpoint.Inspect(path);
        Check("number of batches in an epoch", saved.GetValueOrDefault(BatchesKey), Text(TrainingData.Count));
        // With another order the run would continue, but it would no longer be the same run.
        Check("order of samples", saved.GetValueOrDefault(OrderKey), TrainingData.DescribeOrder(position.Epoch));
        Check("AccumulationSteps", saved.GetValueOrDefault(AccumulationKey), Text(AccumulationSteps));
        Check("Precision", saved.GetValueOrDefault(PrecisionKey), Precision?.Name);
        foreach (var (key, value) in Metadata)
            Check(key, saved.GetValueOrDefault(key), value);
        MoveModel();
        (_position, _) = Checkpoint().Load(path);
        Run?.CutAfter(_position.Step);
        if (Logger is { } logger)
            TrainerLog.Resumed(logger, path, _position.Epoch + 1, _position.Batch, _position.Step);
        return saved.Where(entry => entry.Key is not (BatchesKey or OrderKey or AccumulationKey or PrecisionKey))
            .ToDictionary(entry => entry.Key, entry => entry.Value);

        void Check(string what, string? before, string? now)
        {
            if (before != now)
            {
                throw new ValueException($"{path}: cannot resume, since {what} differs: the checkpoint has " +
                    $"'{before ?? "nothing"}', this run has '{now ?? "nothing"}'");
            }
        }
    }

    /// <summary>
    /// Writes a checkpoint now, if <see cref="Checkpoints"/> is set. Call it between two steps, for example in
    /// <see cref="EpochEnded"/>.
    /// </summary>
    /// <exception cref="InvalidOperationException">A step or a validation is in progress.</exception>
    /// <exception cref="TensorIOException">The file cannot be written; the old one is unchanged.</exception>
    public void SaveCheckpoint()
    {
        if (Checkpoints is not { } plan)
            return;
        if (!_isBetweenSteps)
        {
            throw new InvalidOperationException(
                "Trainer: cannot save a checkpoint during a step or a validation; " +
                "save in EpochEnded, or set CheckpointPlan.EverySteps or Every");
        }
        // The rows first: a checkpoint must not be ahead of the log.
        Run?.Flush();
        var metadata = new Dictionary<string, string>(Metadata)
        {
            [BatchesKey] = Text(TrainingData.Count),
            [OrderKey] = TrainingData.DescribeOrder(_position.Epoch),
            [AccumulationKey] = Text(AccumulationSteps),
        };
        if (Precision is { } precision)
            metadata.Add(PrecisionKey, precision.Name);
        Checkpoint().Save(plan.Path, _position, metadata);
        _clocks.SinceCheckpoint.Restart();
        if (Logger is { } logger)
            TrainerLog.Saved(logger, plan.Path, _position.Epoch + 1, _position.Batch, _position.Step);
    }

    private TrainingCheckpoint Checkpoint() => new(Model, Optimizer)
    {
        Schedulers = [.. StepSchedulers, .. EpochSchedulers],
        Averages = Averages,
        Scaler = Scaler,
        Metrics = TrainingMetrics,
        Extra = (GetState, SetState),
    };

    private Dictionary<string, Tensor> GetState()
    {
        var state = new Dictionary<string, Tensor>
        {
            [LossName] = Tensor.FromArray(_loss.SaveState(), TorchScratch.Device.Cpu),
            [WindowName] = Tensor.FromArray(_window.SaveState(), TorchScratch.Device.Cpu),
        };
        if (EarlyStopping is { } stopping)
            state.Add(StoppingName, Tensor.FromArray(stopping.Save(), TorchScratch.Device.Cpu));
        foreach (var (name, tensor) in _best ?? [])
            state.Add(BestPrefix + name, tensor);
        // One tensor for each value, over all epochs: the tensor's name stores the value's name. An epoch before a
        // resumption may lack a value, which is then NaN.
        foreach (var value in _epochs.SelectMany(epoch => epoch.Values).DistinctBy(value => value.Name))
        {
            var name = (value.IsFraction ? SharePrefix : "") + value.Name;
            double[] history = [.. _epochs.Select(epoch => epoch.Find(value.Name))];
            state.Add(HistoryPrefix + name, Tensor.FromArray(history, TorchScratch.Device.Cpu));
        }
        return state;
    }

    private void SetState(IReadOnlyDictionary<string, Tensor> state)
    {
        if (!state.TryGetValue(LossName, out var loss) || !state.TryGetValue(WindowName, out var window) ||
            state.ContainsKey(StoppingName) != EarlyStopping is not null)
        {
            throw new ValueException("the checkpoint is from a run " + (state.ContainsKey(StoppingName)
                ? "with early stopping, which this run does not have" : "of another kind"));
        }
        var history = Under(HistoryPrefix)
            .Select(entry => (entry.Name, Values: TrainingCheckpoint.Numbers(HistoryPrefix + entry.Name, entry.Tensor)))
            .ToArray();
        if (history.Select(entry => entry.Values.Length).Distinct().Count() > 1)
            throw new ValueException("the checkpoint has values of different numbers of epochs; it is damaged");
        _loss.RestoreState(TrainingCheckpoint.Numbers(LossName, loss));
        _window.RestoreState(TrainingCheckpoint.Numbers(WindowName, window));
        EarlyStopping?.Restore(TrainingCheckpoint.Numbers(StoppingName, state[StoppingName]));
        _epochs.Clear();
        for (var e = 0; history.Length > 0 && e < history[0].Values.Length; e++)
        {
            _epochs.Add(new(e, [.. history.Select(entry => entry.Name.StartsWith(SharePrefix, StringComparison.Ordinal)
                ? new NamedValue(entry.Name[SharePrefix.Length..], entry.Values[e], IsFraction: true)
                : new NamedValue(entry.Name, entry.Values[e]))]));
        }
        DropBest();
        if (Under(BestPrefix).ToArray() is { Length: > 0 } best)
            _best = best.ToDictionary(entry => entry.Name, entry => OutOfScopes(entry.Tensor.Clone()));

        IEnumerable<(string Name, Tensor Tensor)> Under(string prefix) => state
            .Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
            .Select(entry => (entry.Key[prefix.Length..], entry.Value));
    }

    // The weights that were evaluated: the averages, if there are any.
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
        // If they were averages, Evaluate would otherwise replace them with the averages of a later epoch.
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
