// Progress reports and results of a trainer.

namespace TorchScratch.Training;

/// <summary>What a trainer is doing.</summary>
public enum TrainingPhase
{
    /// <summary>Training on the training data.</summary>
    Training,

    /// <summary>Evaluating on the validation data.</summary>
    Validation,

    /// <summary>An epoch has ended, including validation.</summary>
    EpochEnd,
}

/// <summary>Why a training ended.</summary>
public enum TrainingOutcome
{
    /// <summary>All epochs are finished.</summary>
    Completed,

    /// <summary>The value that <see cref="EarlyStopping"/> watches no longer improved.</summary>
    StoppedEarly,

    /// <summary>The training was cancelled; its position is in the checkpoint, if the trainer saves any.</summary>
    Cancelled,
}

/// <summary>The progress of a trainer.</summary>
/// <param name="Phase">What it is doing.</param>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Epochs">Number of epochs in total.</param>
/// <param name="Batch">Finished batches of the phase.</param>
/// <param name="Batches">Number of batches in the phase.</param>
/// <param name="Step">Optimizer steps so far.</param>
/// <param name="BatchesPerSecond">Batches per second in this phase.</param>
/// <param name="Elapsed">
/// Time since the start of the phase; at the end of an epoch, since the start of the epoch.
/// </param>
/// <param name="Values">
/// Means over the phase so far, as in <c>loss</c>; at the end of an epoch all its values, as in <c>train/loss</c>.
/// </param>
public sealed record TrainingProgress(TrainingPhase Phase, int Epoch, int Epochs, int Batch, int Batches, long Step,
    double BatchesPerSecond, TimeSpan Elapsed, IReadOnlyList<NamedValue> Values);

/// <summary>A value with its name.</summary>
/// <param name="Name">The name, as in <c>validation/accuracy</c>.</param>
/// <param name="Value">The value.</param>
/// <param name="IsFraction">Whether the value is a fraction, to be shown in percent.</param>
public readonly record struct NamedValue(string Name, double Value, bool IsFraction = false)
{
    /// <summary>The name and the value.</summary>
    public override string ToString() => IsFraction
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Name} {100 * Value:0.00} %")
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Name} {Value:0.0000}");
}

/// <summary>The results of an epoch.</summary>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Values">
/// <c>train/loss</c>, <c>validation/loss</c>, the metrics with the same prefixes, and <c>learning rate</c>.
/// </param>
public sealed record EpochResult(int Epoch, IReadOnlyList<NamedValue> Values)
{
    /// <summary>A value by its name.</summary>
    /// <exception cref="ValueException">No value has this name; the message lists the names.</exception>
    public double this[string name]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(name);
            foreach (var value in Values)
            {
                if (value.Name == name)
                    return value.Value;
            }
            throw new ValueException(
                $"EpochResult: there is no value '{name}'; there are {string.Join(", ", Values.Select(value => value.Name))}");
        }
    }

    /// <summary>A value by its name; NaN if there is none.</summary>
    internal double Find(string name)
    {
        foreach (var value in Values)
        {
            if (value.Name == name)
                return value.Value;
        }
        return double.NaN;
    }
}

/// <summary>The result of a training.</summary>
/// <param name="Outcome">Why it ended.</param>
/// <param name="Position">The position of the next step.</param>
/// <param name="Epochs">All epochs, including those before a resumption.</param>
public sealed record TrainingResult(TrainingOutcome Outcome, TrainingPosition Position,
    IReadOnlyList<EpochResult> Epochs);
