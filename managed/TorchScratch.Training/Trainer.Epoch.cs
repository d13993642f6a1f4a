// The loops of a trainer over the batches of an epoch and of a validation.

using System.Diagnostics;
using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Training;

public partial class Trainer<TBatch>
{
    private readonly Clocks _clocks = new();

    // The first batch of the current step, and whether there is no current step: then there are no accumulated
    // gradients, and the weights are not temporarily replaced by averages.
    private int _windowStart;
    private bool _isBetweenSteps = true;

    // Returns false if cancelled before the last batch of the epoch.
    private bool TrainEpoch(int epochs, CancellationToken cancellation)
    {
        var count = TrainingData.Count;
        var first = _position.Batch;
        if (first == 0)
        {
            _loss.Reset();
            foreach (var metric in TrainingMetrics)
                metric.Reset();
        }
        Model.Train();
        _clocks.Phase.Restart();
        if (first < count && cancellation.IsCancellationRequested)
            return false;
        Optimizer.ZeroGrad();
        try
        {
            return TrainBatches(epochs, first, count, cancellation);
        }
        finally
        {
            // After an error the current step starts over, since its gradients are lost.
            _position = _position with { Batch = _windowStart };
            _isBetweenSteps = true;
        }
    }

    private bool TrainBatches(int epochs, int first, int count, CancellationToken cancellation)
    {
        _windowStart = first;
        // Without the token, since cancellation must wait for the end of a step.
        foreach (var made in TrainingData.Batches(_position.Epoch, first, CancellationToken.None))
        {
            var batch = OnDevice(made);
            // Accumulation windows start at the beginning of the epoch; the last one may be smaller.
            var number = _position.Batch;
            _isBetweenSteps = false;
            var window = Math.Min(AccumulationSteps, count - number / AccumulationSteps * AccumulationSteps);
            using (UseScope ? Tensor.Scope() : default)
                TrainBatch(batch, window);
            if (UseScope && batch is IDisposable disposable)
                disposable.Dispose();
            _position = _position with { Batch = number + 1 };
            var isStep = _position.Batch % AccumulationSteps == 0 || _position.Batch == count;
            if (isStep)
                TakeStep();
            Report(TrainingPhase.Training, epochs, first, _position.Batch, count, _loss, TrainingMetrics);
            if (!isStep || _position.Batch == count)
                continue;
            if (cancellation.IsCancellationRequested)
                return false;
            if (Checkpoints is { } plan && plan.IsDueAfterStep(_position.Step, _clocks.SinceCheckpoint.Elapsed))
                SaveCheckpoint();
        }
        return true;
    }

    private void TrainBatch(TBatch batch, int window)
    {
        var output = InPrecision(_step, batch);
        var loss = output.Loss.ToDouble();
        if (!double.IsFinite(loss))
        {
            throw new ValueException($"Trainer: the loss is {(double.IsNaN(loss) ? "NaN" : "infinite")} in epoch " +
                $"{_position.Epoch + 1}, batch {_position.Batch + 1}; {Suspicion()}");
        }
        var share = window == 1 ? output.Loss : output.Loss / window;
        (Scaler?.Scale(share) ?? share).Backward();
        _loss.Add(loss, output.Weight);
        _window.Add(loss, output.Weight);
        Update(TrainingMetrics, output);
    }

    private StepOutput InPrecision(Func<TBatch, StepOutput> step, TBatch batch)
    {
        using var autocast = Precision is { } dtype ? Autocast.Begin(dtype) : default;
        return step(batch);
    }

    // Where a loss that is not finite probably comes from.
    private string Suspicion()
    {
        using var noGrad = Autograd.NoGrad();
        using var scope = Tensor.Scope();
        var spoiled = Model.NamedParameters()
            .FirstOrDefault(entry => entry.Parameter.ElementCount > 0 &&
                !double.IsFinite(entry.Parameter.Value.Abs().Max().ToDouble()));
        return spoiled.Name is not null
            ? $"the parameter {spoiled.Name} is not finite either, so an earlier step was too large: a learning rate " +
                $"below {Optimizer.LearningRate:R} or GradientClipNorm may help"
            : "the parameters are finite, so look at this batch and at the loss: inputs that are not finite or not " +
                "normalized, the logarithm of 0, a division by 0; a learning rate below " +
                $"{Optimizer.LearningRate:R} or GradientClipNorm may help too, and Autograd.DetectAnomaly() finds " +
                "the operation";
    }

    private void TakeStep()
    {
        if (GradientClipNorm is { } bound)
        {
            Scaler?.Unscale(Optimizer);
            GradientClipping.ByNorm(Model.Parameters(), bound);
        }
        var isTaken = true;
        if (Scaler is { } scaler)
        {
            isTaken = scaler.Step(Optimizer);
            scaler.Update();
        }
        else
        {
            Optimizer.Step();
        }
        Optimizer.ZeroGrad();
        if (isTaken)
            Averages?.Update();
        var rate = Optimizer.LearningRate;
        foreach (var scheduler in StepSchedulers)
            scheduler.Step();
        _position = _position with { Step = _position.Step + 1 };
        (_windowStart, _isBetweenSteps) = (_position.Batch, true);
        // Last, since it may fail: by now the step is complete and will not be repeated.
        if (Run is { } run && LogEverySteps > 0 && _position.Step % LogEverySteps == 0)
        {
            run.Log(_position.Step, _position.Epoch, [new("step/loss", _window.Value), new("learning rate", rate)]);
            _window.Reset();
        }
    }

    // The mean loss of the validation, NaN without validation data; null when cancelled.
    private double? Validate(int epochs, CancellationToken cancellation)
    {
        if (ValidationData is not { } data)
            return double.NaN;
        _clocks.Phase.Restart();
        var loss = new MeanLoss();
        _isBetweenSteps = false;
        try
        {
            using (Averages?.Use())
            {
                Evaluate(data, loss, ValidationMetrics, done => Report(TrainingPhase.Validation, epochs, 0, done,
                    data.Count, loss, ValidationMetrics), cancellation);
            }
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return null;
        }
        finally
        {
            _isBetweenSteps = true;
        }
        return loss.Value;
    }

    private void Evaluate(DataLoader<TBatch> data, MeanLoss loss, IReadOnlyList<Metric> metrics, Action<int> report,
        CancellationToken cancellation)
    {
        foreach (var metric in metrics)
            metric.Reset();
        Model.Eval();
        using var noGrad = Autograd.NoGrad();
        var done = 0;
        // Always epoch 0, so that every validation has the same batches.
        foreach (var made in data.Batches(0, 0, cancellation))
        {
            var batch = OnDevice(made);
            using (UseScope ? Tensor.Scope() : default)
            {
                var output = InPrecision(EvaluationStep ?? _step, batch);
                loss.Add(output.Loss.ToDouble(), output.Weight);
                Update(metrics, output);
            }
            if (UseScope && batch is IDisposable disposable)
                disposable.Dispose();
            report(++done);
        }
    }

    private void EndEpoch(int epochs, double validationLoss)
    {
        var values = new List<NamedValue> { new("train/loss", _loss.Value) };
        values.AddRange(Figures(TrainingMetrics, "train/"));
        if (ValidationData is not null)
        {
            values.Add(new("validation/loss", validationLoss));
            values.AddRange(Figures(ValidationMetrics, "validation/"));
        }
        values.Add(new("learning rate", Optimizer.LearningRate));
        var result = new EpochResult(_position.Epoch, values);
        var watched = EarlyStopping is { } watch ? result[watch.Figure] : double.NaN;

        foreach (var scheduler in EpochSchedulers)
        {
            if (scheduler is ReduceLROnPlateau plateau)
                plateau.Step(ValidationData is null ? _loss.Value : validationLoss);
            else
                scheduler.Step();
        }
        if (EarlyStopping is { } stopping && stopping.Update(watched) && stopping.RestoreBest)
            KeepBest();
        _epochs.Add(result);
        _position = new(_position.Epoch + 1, 0, _position.Step);

        Run?.Log(_position.Step, result.Epoch, values);
        EpochEnded?.Invoke(result);
        if (Checkpoints is { } plan && plan.IsDueAfterEpoch(_position.Epoch))
            SaveCheckpoint();
        Run?.WriteReport(ValidationMetrics);
        Progress?.Report(new(TrainingPhase.EpochEnd, result.Epoch, epochs, TrainingData.Count, TrainingData.Count,
            _position.Step, TrainingData.Count / _clocks.Epoch.Elapsed.TotalSeconds, _clocks.Epoch.Elapsed, values));
        _clocks.Epoch.Restart();
        if (Logger is { } logger)
            TrainerLog.Epoch(logger, _position.Epoch, epochs, string.Join(", ", values));
    }

    private void Report(TrainingPhase phase, int epochs, int first, int done, int count, MeanLoss loss,
        IReadOnlyList<Metric> metrics)
    {
        if (Progress is null || (done < count && _clocks.SinceReport.Elapsed < ProgressInterval))
            return;
        _clocks.SinceReport.Restart();
        var elapsed = _clocks.Phase.Elapsed;
        Progress.Report(new(phase, _position.Epoch, epochs, done, count, _position.Step,
            (done - first) / elapsed.TotalSeconds, elapsed, [new(loss.Name, loss.Value), .. Figures(metrics, "")]));
    }

    private static IEnumerable<NamedValue> Figures(IReadOnlyList<Metric> metrics, string prefix) => metrics
        .Where(metric => metric.IsListed)
        .Select(metric => new NamedValue(prefix + metric.Name, metric.Value, metric.IsFraction));

    private static void Update(IReadOnlyList<Metric> metrics, StepOutput output)
    {
        if (metrics.Count == 0)
            return;
        if (output is not { Predictions: { } predictions, Targets: { } targets })
        {
            throw new ValueException(
                $"Trainer: the metric '{metrics[0].Name}' needs predictions and targets: the step must " +
                "return new StepOutput(loss, predictions, targets)");
        }
        foreach (var metric in metrics)
            metric.Update(predictions.Detach(), targets);
    }

    private sealed class Clocks
    {
        public Stopwatch Epoch { get; } = new();

        public Stopwatch Phase { get; } = new();

        public Stopwatch SinceReport { get; } = new();

        public Stopwatch SinceCheckpoint { get; } = new();

        public void Restart()
        {
            foreach (var clock in new[] { Epoch, Phase, SinceReport, SinceCheckpoint })
                clock.Restart();
        }
    }
}
