// When and where a trainer saves its checkpoint.

namespace TorchScratch.Training;

/// <summary>
/// Where a trainer saves its checkpoint, and how often. It also saves at the end of the training and
/// when it is cancelled.
/// </summary>
/// <param name="Path">The .safetensors file; a new checkpoint replaces the old one.</param>
public sealed record CheckpointPlan(string Path)
{
    /// <summary>Save after every so many optimizer steps; 0 for never.</summary>
    public long EverySteps { get; init; }

    /// <summary>Save after every so many epochs; 0 for never.</summary>
    public int EveryEpochs { get; init; } = 1;

    /// <summary>
    /// Save, between two steps, when this much time has passed since the last checkpoint; null for never.
    /// </summary>
    public TimeSpan? Every { get; init; }

    internal bool IsDueAfterStep(long step, TimeSpan sinceLast) =>
        (EverySteps > 0 && step % EverySteps == 0) || (Every is { } time && sinceLast >= time);

    internal bool IsDueAfterEpoch(int epochs) => EveryEpochs > 0 && epochs % EveryEpochs == 0;
}
