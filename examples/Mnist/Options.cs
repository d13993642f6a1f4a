// What the user asked for.

namespace TorchScratch.Examples.MnistTraining;

internal enum ModelKind
{
    /// <summary>784-256-128-32-10, fully connected.</summary>
    Mlp,

    /// <summary>Two convolutions and two linear layers.</summary>
    Cnn,
}

/// <summary>The command line; null where nothing was given and a checkpoint, or else a default, decides.</summary>
internal sealed record Options
{
    public string? DataDirectory { get; init; }

    public ModelKind? Model { get; init; }

    public int? Epochs { get; init; }

    public int? BatchSize { get; init; }

    public double? LearningRate { get; init; }

    public ulong? Seed { get; init; }

    public string? SavePath { get; init; }

    public bool Resume { get; init; }

    /// <summary>The checkpoint to go on from; null for the place where this program leaves it.</summary>
    public string? ResumePath { get; init; }

    public int? Threads { get; init; }

    public bool UseScope { get; init; } = true;
}

/// <summary>An option that contradicts the checkpoint it is given with.</summary>
internal sealed class OptionConflictException(string message) : Exception(message);
