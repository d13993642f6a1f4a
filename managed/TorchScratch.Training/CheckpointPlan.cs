// When and where a trainer saves.

namespace TorchScratch.Training;

/// <summary>
/// Where a trainer keeps its checkpoint, and how often it writes it. It also writes one at the end and when it is
/// cancelled.
/// </summary>
/// <param name="Path">The .safetensors file; a new checkpoint replaces the old one.</param>
public sealed record CheckpointPlan(string Path)
{
    /// <summary>Save after so many steps of the optimizer; 0 for never.</summary>
    public long EverySteps { get; init; }

    /// <summary>Save after so many epochs; 0 for never.</summary>
    public int EveryEpochs { get; init; } = 1;

    /// <summary>Save between two steps once so much time has passed; null for never.</summary>
    public TimeSpan? Every { get; init; }

    internal bool IsDueAfterStep(long step, TimeSpan sinceLast) =>
        (EverySteps > 0 && step % EverySteps == 0) || (Every is { } time && sinceLast >= time);

    internal bool IsDueAfterEpoch(int epochs) => EveryEpochs > 0 && epochs % EveryEpochs == 0;
}
