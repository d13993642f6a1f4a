// The options that every example has.

namespace TorchScratch.Examples;

/// <summary>The common options; null where nothing was given and a checkpoint, or else the example's default,
/// decides.</summary>
public sealed record ExampleOptions
{
    /// <summary>The folder with the data set.</summary>
    public string? Data { get; init; }

    /// <summary>Passes over the training data.</summary>
    public int? Epochs { get; init; }

    /// <summary>Decides weights and orders.</summary>
    public ulong? Seed { get; init; }

    /// <summary>Whether to go on from a checkpoint.</summary>
    public bool Resume { get; init; }

    /// <summary>The checkpoint to go on from; null for the one in the run's folder.</summary>
    public string? ResumePath { get; init; }

    /// <summary>Threads of the kernels.</summary>
    public int? Threads { get; init; }

    /// <summary>The run's folder.</summary>
    public string? Output { get; init; }

    /// <summary>The run's folder: as given; else that of the checkpoint to go on from; else the default.</summary>
    public string OutputOr(string defaultFolder) =>
        Output ?? (ResumePath is null ? defaultFolder : Path.GetDirectoryName(Path.GetFullPath(ResumePath))!);
}

/// <summary>Options that contradict each other, or the checkpoint they are given with.</summary>
public sealed class OptionConflictException(string message) : Exception(message);
