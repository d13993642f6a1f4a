// What a trainer tells while it works, and when it ends.

namespace TorchScratch.Training;

/// <summary>What a trainer is doing.</summary>
public enum TrainingPhase
{
    /// <summary>It goes through the training data.</summary>
    Training,

    /// <summary>It goes through the validation data.</summary>
    Validation,

    /// <summary>An epoch has ended, validation included.</summary>
    EpochEnd,
}

/// <summary>Why a trainer ended.</summary>
public enum TrainingOutcome
{
    /// <summary>All epochs are done.</summary>
    Completed,

    /// <summary>A figure no longer got better.</summary>
    StoppedEarly,

    /// <summary>It was cancelled; a checkpoint, if there is a plan for one, holds where.</summary>
    Cancelled,
}

/// <summary>Where a trainer is.</summary>
/// <param name="Phase">What it is doing.</param>
/// <param name="Epoch">The epoch, from 0.</param>
/// <param name="Epochs">Epochs in all.</param>
/// <param name="Batch">Batches of the phase that are done.</param>
/// <param name="Batches">Batches of the phase.</param>
/// <param name="Step">Steps of the optimizer so far.</param>
/// <param name="BatchesPerSecond">Speed in this phase.</param>
/// <param name="Elapsed">Time in this phase; at an epoch's end, in the epoch.</param>
/// <param name="Values">Means so far by name, as in <c>loss</c>; at an epoch's end all of it, as in
/// <c>train/loss</c>.</param>
public sealed record TrainingProgress(TrainingPhase Phase, int Epoch, int Epochs, int Batch, int Batches, long Step,
    double BatchesPerSecond, TimeSpan Elapsed, IReadOnlyList<NamedValue> Values);

/// <summary>A figure with its name.</summary>
/// <param name="Name">As in <c>validation/accuracy</c>.</param>
/// <param name="Value">The figure.</param>
/// <param name="IsShare">Whether it is a share of 1, to be shown in percent.</param>
public readonly record struct NamedValue(string Name, double Value, bool IsShare = false)
{
    /// <summary>The name and the figure.</summary>
    public override string ToString() => IsShare
        ? string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Name} {100 * Value:0.00} %")
        : string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Name} {Value:0.0000}");
}

/// <summary>What an epoch has come to.</summary>
/// <param name="Epoch">Which, from 0.</param>
/// <param name="Values"><c>train/loss</c>, <c>validation/loss</c>, metrics under the same prefixes, <c>learning
/// rate</c>.</param>
public sealed record EpochResult(int Epoch, IReadOnlyList<NamedValue> Values)
{
    /// <summary>A value by its name.</summary>
    /// <exception cref="ValueException">There is none of this name; the message lists those there are.</exception>
    public double this[string name]
    {
        get
        {
            foreach (var value in Values)
            {
                if (value.Name == name)
                    return value.Value;
            }
            throw new ValueException(
                $"an epoch has no '{name}', but {string.Join(", ", Values.Select(value => value.Name))}");
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

/// <summary>What a training has come to.</summary>
/// <param name="Outcome">Why it ended.</param>
/// <param name="Position">Where the next step would be.</param>
/// <param name="Epochs">All epochs, those before a resumption included.</param>
public sealed record TrainingResult(TrainingOutcome Outcome, TrainingPosition Position,
    IReadOnlyList<EpochResult> Epochs);
