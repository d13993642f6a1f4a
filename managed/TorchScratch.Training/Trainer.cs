// A ready-made training loop.

using Microsoft.Extensions.Logging;
using TorchScratch.Data;
using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Training;

/// <summary>
/// Trains a model epoch by epoch, with schedules, evaluation and checkpoints. A run that was interrupted, even by
/// <c>kill -9</c>, and resumed from its checkpoint ends with bit for bit the same weights as an uninterrupted one.
/// </summary>
/// <typeparam name="TBatch">The batches of the loaders; disposed after use if they are IDisposable.</typeparam>
public partial class Trainer<TBatch>
{
    private readonly Func<TBatch, StepOutput> _step;
    private readonly MeanLoss _loss = new();
    private readonly MeanLoss _window = new("window");
    private readonly List<EpochResult> _epochs = [];
    private Dictionary<string, Tensor>? _best;
    private TrainingPosition _position;

    /// <summary>Creates a trainer at the first epoch.</summary>
    /// <param name="model">The model; the trainer switches it between training and evaluation mode.</param>
    /// <param name="optimizer">Updates the parameters of the model.</param>
    /// <param name="step">
    /// Computes the loss of a batch, as in <c>batch => loss(model.Call(batch.Inputs), batch.Targets)</c>. It may also
    /// return predictions and targets for metrics. Used for training and for evaluation.
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

    /// <summary>The training data.</summary>
    public required DataLoader<TBatch> TrainingData
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    }

    /// <summary>
    /// Where to train: <see cref="Fit"/>, <c>Evaluate</c> and <see cref="Resume"/> move the model there, and each
    /// batch that is elsewhere. Null to leave both where they are. A loader with the same device copies in advance.
    /// </summary>
    public Device? Device { get; init; }

    /// <summary>The data for the evaluation after each epoch; null for no evaluation.</summary>
    public DataLoader<TBatch>? ValidationData { get; init; }

    /// <summary>
    /// Computes a batch in evaluation, if that differs from training, for example without label smoothing.
    /// </summary>
    public Func<TBatch, StepOutput>? EvaluationStep { get; init; }

    /// <summary>Learning-rate schedules that advance with each optimizer step.</summary>
    public IReadOnlyList<LRScheduler> StepSchedulers
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = [];

    /// <summary>
    /// Learning-rate schedules that advance with each epoch. A <see cref="ReduceLROnPlateau"/> receives the validation
    /// loss, or without validation data the training loss.
    /// </summary>
    public IReadOnlyList<LRScheduler> EpochSchedulers
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = [];

    /// <summary>Metrics over the predictions of the training steps.</summary>
    public IReadOnlyList<Metric> TrainingMetrics
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = [];

    /// <summary>Metrics of the evaluation after each epoch; must be other objects than the training metrics.</summary>
    public IReadOnlyList<Metric> ValidationMetrics
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = [];

    /// <summary>
    /// The largest L2 norm of all gradients together; larger gradients are scaled down to it. Null for no limit.
    /// </summary>
    public double? GradientClipNorm { get; init => field = value is null or > 0 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "must be positive"); }

    /// <summary>The number of batches whose gradients are accumulated for one optimizer step.</summary>
    public int AccumulationSteps { get; init => field = value > 0 ? value
        : throw new ArgumentOutOfRangeException(nameof(value), value, "must be at least 1"); } = 1;

    /// <summary>
    /// The half type in which the steps compute, in training and in evaluation: see <see cref="Autocast"/>. Parameters
    /// stay as they are. With <see cref="DType.Float16"/> a <see cref="Scaler"/> scales the loss. Null for the types of
    /// the model.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The type is neither BFloat16 nor Float16.</exception>
    public DType? Precision
    {
        get;
        init => field = value is null or DType.BFloat16 or DType.Float16 ? value
            : throw new ArgumentOutOfRangeException(nameof(value), value, "must be BFloat16, Float16 or null");
    }

    /// <summary>
    /// Scales the losses; if none is given, a <see cref="Precision"/> of Float16 has one with the usual numbers. Where it
    /// leaves out a step of the optimizer, schedules go on, and <see cref="Averages"/> stay.
    /// </summary>
    public GradScaler? Scaler
    {
        get => field ??= Precision == DType.Float16 ? new GradScaler() : null;
        init;
    }

    /// <summary>
    /// Averages of the weights, updated with each optimizer step and used in evaluation; null for none.
    /// </summary>
    public ExponentialMovingAverage? Averages { get; init; }

    /// <summary>
    /// Whether a batch and all tensors computed from it are freed as soon as it is finished; otherwise the garbage
    /// collector frees them. The results are the same.
    /// </summary>
    public bool UseScope { get; init; } = true;

    /// <summary>When and where to save checkpoints; null for never.</summary>
    public CheckpointPlan? Checkpoints { get; init; }

    /// <summary>Texts to store in checkpoints. A checkpoint with other texts under the same keys is refused.</summary>
    public IReadOnlyDictionary<string, string> Metadata
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = new Dictionary<string, string>();

    /// <summary>Stops the training early; null for never.</summary>
    public EarlyStopping? EarlyStopping { get; init; }

    /// <summary>The folder for curves and the report; null for none.</summary>
    public RunFolder? Run { get; init; }

    /// <summary>
    /// Steps between two logged values of the loss in <see cref="Run"/>, each the mean over these steps; 0 for none.
    /// </summary>
    public int LogEverySteps { get; init; } = 50;

    /// <summary>
    /// Receives progress reports, at most one every <see cref="ProgressInterval"/>, and one at the end of each epoch.
    /// </summary>
    public IProgress<TrainingProgress>? Progress { get; init; }

    /// <summary>The shortest time between two progress reports.</summary>
    public TimeSpan ProgressInterval { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>
    /// Called at the end of each epoch, before its checkpoint and report, for example to add samples to the report.
    /// </summary>
    public Action<EpochResult>? EpochEnded { get; init; }

    /// <summary>Receives messages about epochs, checkpoints and the end of the training.</summary>
    public ILogger? Logger { get; init; }

    /// <summary>The position of the training.</summary>
    public TrainingPosition Position => _position;

    /// <summary>All epochs so far, including those before a resumption.</summary>
    public IReadOnlyList<EpochResult> Epochs => _epochs;

    /// <summary>Trains up to a total number of epochs.</summary>
    /// <param name="epochs">The total number, including the epochs before a resumption.</param>
    /// <param name="cancellation">Stops the training between two steps, with a checkpoint.</param>
    /// <exception cref="ValueException">
    /// The loss is not finite, a loader has no batches, or a metric, a schedule or the value for early stopping does
    /// not fit; the message says which.
    /// </exception>
    /// <exception cref="TensorIOException">A checkpoint or the run folder cannot be written.</exception>
    public TrainingResult Fit(int epochs, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(epochs);
        CheckMetricNames();
        CheckParts();
        MoveModel();
        _clocks.Restart();
        while (_position.Epoch < epochs && EarlyStopping is not { HasStopped: true })
        {
            if (!TrainEpoch(epochs, cancellation) || Validate(epochs, cancellation) is not { } validation)
                return Cancelled();
            EndEpoch(epochs, validation);
        }
        // Before the best weights are restored: further epochs must continue from the last weights.
        SaveCheckpoint();
        RestoreBest();
        var outcome = EarlyStopping is { HasStopped: true } ? TrainingOutcome.StoppedEarly : TrainingOutcome.Completed;
        Run?.Flush();
        if (Logger is { } logger)
            TrainerLog.Ended(logger, outcome, _position.Epoch, _position.Step);
        return new(outcome, _position, [.. _epochs]);
    }

    /// <summary>Evaluates the model, with the averages of its weights if there are any.</summary>
    /// <param name="data">The data.</param>
    /// <param name="metrics">Metrics, which are reset and then updated.</param>
    /// <param name="cancellation">Stops the evaluation with an OperationCanceledException.</param>
    /// <returns>The mean loss.</returns>
    public double Evaluate(DataLoader<TBatch> data, IReadOnlyList<Metric>? metrics = null,
        CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        MoveModel();
        var loss = new MeanLoss();
        using (Averages?.Use())
            Evaluate(data, loss, metrics ?? [], _ => { }, cancellation);
        return loss.Value;
    }

    private void MoveModel()
    {
        if (Device is { } device)
            Model.To(device);
    }

    // The batch where the model is.
    private TBatch OnDevice(TBatch batch) => Device is { } device ? BatchTensors.MoveTo(batch, device) : batch;

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
            if (Device is not null && data is not null && !BatchTensors.Knows<TBatch>())
            {
                throw new ValueException($"Trainer: batches of type {typeof(TBatch).Name} cannot be moved to " +
                    $"{Device}: implement {nameof(ITensorBatch<>)}, or leave {nameof(Device)} null and move them");
            }
            if (data is { Count: 0 })
            {
                throw new ValueException(
                    $"Trainer: {name} has no batches: it has {data.SampleCount} samples and a batch size of " +
                    $"{data.BatchSize}{(data.DropLast ? ", and dropLast omits a smaller last batch" : "")}");
            }
        }
        if (StepSchedulers.Any(scheduler => scheduler is ReduceLROnPlateau))
        {
            throw new ValueException("Trainer: ReduceLROnPlateau needs the loss of an epoch; put it into " +
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
                    throw new ValueException($"Trainer: two metrics are called '{metric.Name}'; rename one of them");
            }
        }
    }
}

/// <summary>A trainer for batches of inputs and targets.</summary>
public sealed class Trainer : Trainer<Batch>
{
    /// <summary>Creates a trainer at the first epoch.</summary>
    /// <inheritdoc/>
    public Trainer(Module model, Optimizer optimizer, Func<Batch, StepOutput> step) : base(model, optimizer, step)
    {
    }

    /// <summary>
    /// Creates a trainer for a model that maps inputs to predictions; metrics receive the predictions and the targets.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="optimizer">Updates the parameters of the model.</param>
    /// <param name="loss">
    /// The mean loss of predictions and targets, as in <c>(p, t) => Functional.CrossEntropy(p, t)</c>.
    /// </param>
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
