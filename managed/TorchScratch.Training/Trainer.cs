// A small training loop for those who do not write their own.

using Microsoft.Extensions.Logging;
using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Training;

/// <summary>
/// Trains a model epoch by epoch: steps, schedules, evaluation, checkpoints. A run that was interrupted, even by kill
/// -9, and goes on from its checkpoint ends with the same weights, bit for bit, as one that was not.
/// </summary>
/// <typeparam name="TBatch">What the loaders yield; freed after use if it is IDisposable.</typeparam>
public partial class Trainer<TBatch>
{
    private readonly Func<TBatch, StepOutput> _step;
    private readonly MeanLoss _loss = new();
    private readonly MeanLoss _window = new("window");
    private readonly List<EpochResult> _epochs = [];
    private Dictionary<string, Tensor>? _best;
    private TrainingPosition _position;

    /// <summary>A trainer at the beginning.</summary>
    /// <param name="model">The model, whose training and evaluation modes are set.</param>
    /// <param name="optimizer">Moves its parameters.</param>
    /// <param name="step">
    /// Computes a batch's loss, as in <c>batch => loss(model.Call(batch.Inputs), batch.Targets)</c>; it may give
    /// predictions and targets for metrics too. It serves training and evaluation.
    /// </param>
    public Trainer(Module model, Optimizer optimizer, Func<TBatch, StepOutput> step)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        ArgumentNullException.ThrowIfNull(step);
        (Model, Optimizer, _step) = (model, optimizer, step);
    }

    /// <summary>The model.</summary>
    public Module Model { get; }

    /// <summary>The optimizer.</summary>
    public Optimizer Optimizer { get; }

    /// <summary>What to learn from.</summary>
    public required DataLoader<TBatch> TrainingData { get; init; }

    /// <summary>What to test on after each epoch; null for no test.</summary>
    public DataLoader<TBatch>? ValidationData { get; init; }

    /// <summary>Computes a batch in evaluation, if otherwise than in training, as without label smoothing.</summary>
    public Func<TBatch, StepOutput>? EvaluationStep { get; init; }

    /// <summary>Schedules that step with each step of the optimizer.</summary>
    public IReadOnlyList<LRScheduler> StepSchedulers { get; init; } = [];

    /// <summary>
    /// Schedules that step with each epoch; a <see cref="ReduceLROnPlateau"/> gets the validation loss, or else that of
    /// training.
    /// </summary>
    public IReadOnlyList<LRScheduler> EpochSchedulers { get; init; } = [];

    /// <summary>Metrics of training, over the predictions that each step makes anyway.</summary>
    public IReadOnlyList<Metric> TrainingMetrics { get; init; } = [];

    /// <summary>Metrics of the test after each epoch; other objects than those of training.</summary>
    public IReadOnlyList<Metric> ValidationMetrics { get; init; } = [];

    /// <summary>Bound on the norm of all gradients together; null for none.</summary>
    public double? GradientClipNorm { get; init => field = value is null or > 0 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "a bound is positive"); }

    /// <summary>Batches whose gradients make one step: as one batch of that many times the size.</summary>
    public int AccumulationSteps { get; init => field = value > 0 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "at least one batch makes a step"); } = 1;

    /// <summary>Averages of the weights, updated with each step and used in evaluation.</summary>
    public ExponentialMovingAverage? Averages { get; init; }

    /// <summary>
    /// Whether a batch and what is made of it are freed with its end; else the garbage collector frees them. The result
    /// is the same.
    /// </summary>
    public bool UseScope { get; init; } = true;

    /// <summary>When and where to save; null for never.</summary>
    public CheckpointPlan? Checkpoints { get; init; }

    /// <summary>Texts to keep in checkpoints. A checkpoint with other ones under the same keys is refused.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; init; } = new Dictionary<string, string>();

    /// <summary>Ends the training early; null for never.</summary>
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>Where curves and the report go; null for nowhere.</summary>
    public RunFolder? Run { get; init; }

    /// <summary>Steps between two points of the curves in <see cref="Run"/>; each is the mean over these
    /// steps.</summary>
    public int LogEverySteps { get; init; } = 50;

    /// <summary>Gets told what goes on, at most every <see cref="ProgressInterval"/>, and at each epoch's
    /// end.</summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>Time between two reports.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>Called at the end of each epoch, before its checkpoint and report, as to add samples to the
    /// report.</summary>
    public Action<EpochResult>? EpochEnded { get; init; }

    /// <summary>Gets epochs, checkpoints and ends.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>Where the training is.</summary>
    public TrainingPosition Position => _position;

    /// <summary>All epochs so far, those before a resumption included.</summary>
    public IReadOnlyList<EpochResult> Epochs => _epochs;

    /// <summary>Trains until so many epochs are done in all.</summary>
    /// <param name="epochs">The number, those before a resumption included.</param>
    /// <param name="cancellation">Ends the training between two steps, with a checkpoint.</param>
    /// <exception cref="ValueException">
    /// The loss is not finite, there is no batch, or a metric, a schedule or the early stopping's figure does not fit;
    /// the message says which.
    /// </exception>
    /// <exception cref="TensorIOException">A checkpoint or the run folder cannot be written.</exception>
    public TrainingResult Fit(int epochs, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epochs);
        CheckMetricNames();
        CheckParts();
        _clocks.Restart();
        while (_position.Epoch < epochs && EarlyStopping is not { HasStopped: true })
        {
            if (!TrainEpoch(epochs, cancellation) || Validate(epochs, cancellation) is not { } validation)
                return Cancelled();
            EndEpoch(epochs, validation);
        }
        // Before the best weights come back, so that more epochs would go on from the last ones.
        SaveCheckpoint();
        RestoreBest();
        var outcome = EarlyStopping is { HasStopped: true } ? TrainingOutcome.StoppedEarly : TrainingOutcome.Completed;
        Run?.Flush();
        if (Logger is { } logger)
            TrainerLog.Ended(logger, outcome, _position.Epoch, _position.Step);
        return new(outcome, _position, [.. _epochs]);
    }

    /// <summary>Tests the model, with its averages if it has any, on any data.</summary>
    /// <param name="data">The batches.</param>
    /// <param name="metrics">Metrics to reset and fill.</param>
    /// <param name="cancellation">Ends it with an OperationCanceledException.</param>
    /// <returns>The mean loss.</returns>
    public double Evaluate(DataLoader<TBatch> data, IReadOnlyList<Metric>? metrics = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        var loss = new MeanLoss();
        using (Averages?.Use())
            Evaluate(data, loss, metrics ?? [], _ => { }, cancellation);
        return loss.Value;
    }

    private TrainingResult Cancelled()
    {
        SaveCheckpoint();
        Run?.Flush();
        if (Logger is { } logger)
            TrainerLog.Ended(logger, TrainingOutcome.Cancelled, _position.Epoch, _position.Step);
        return new(TrainingOutcome.Cancelled, _position, [.. _epochs]);
    }

    private void CheckParts()
    {
        foreach (var (name, data) in new[] { (nameof(TrainingData), TrainingData),
            (nameof(ValidationData), ValidationData) })
        {
            if (data is { Count: 0 })
            {
                throw new ValueException(
                    $"Trainer: {name} has no batches: {data.SampleCount} samples, and batches of " +
                    $"{data.BatchSize}{(data.DropLast ? ", of which dropLast leaves a smaller last one out" : "")}");
            }
        }
        if (StepSchedulers.Any(scheduler => scheduler is ReduceLROnPlateau))
        {
            throw new ValueException("Trainer: ReduceLROnPlateau needs the figure of an epoch; put it into " +
                nameof(EpochSchedulers));
        }
    }

    private void CheckMetricNames()
    {
        foreach (var metrics in new[] { TrainingMetrics, ValidationMetrics })
        {
            var seen = new HashSet<string> { _loss.Name };
            foreach (var metric in metrics)
            {
                if (!seen.Add(metric.Name))
                    throw new ValueException($"Trainer: two metrics are called '{metric.Name}'; give one another name");
            }
        }
    }
}

/// <summary>A trainer over inputs and targets.</summary>
public sealed class Trainer : Trainer<Batch>
{
    /// <summary>A trainer at the beginning.</summary>
    /// <inheritdoc/>
    public Trainer(Module model, Optimizer optimizer, Func<Batch, StepOutput> step) : base(model, optimizer, step)
    {
    }

    /// <summary>A trainer of a model that makes predictions of inputs; metrics get these and the targets.</summary>
    /// <param name="model">The model.</param>
    /// <param name="optimizer">Moves its parameters.</param>
    /// <param name="loss">The mean loss of predictions and targets, as <c>(p, t) => Functional.CrossEntropy(p,
    /// t)</c>.</param>
    public Trainer(Module<Tensor, Tensor> model, Optimizer optimizer, Func<Tensor, Tensor, Tensor> loss)
        : base(model, optimizer, Step(model, loss))
    {
    }

    private static Func<Batch, StepOutput> Step(Module<Tensor, Tensor> model, Func<Tensor, Tensor, Tensor> loss)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loss);
        return batch =>
        {
            var predictions = model.Call(batch.Inputs);
            return new(loss(predictions, batch.Targets), predictions, batch.Targets);
        };
    }
}
