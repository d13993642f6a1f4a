// What the user asked for.

namespace TorchScratch.Examples.Sentiment;

/// <summary>The command line; null where nothing was given and a checkpoint, or else a default, decides.</summary>
internal sealed record Options
{
    /// <summary>A file of sentences; null to generate them.</summary>
    public string? DataPath { get; init; }

    public int? Epochs { get; init; }

    public ulong? Seed { get; init; }

    /// <summary>The folder for what the run leaves.</summary>
    public required string OutputFolder { get; init; }

    public bool Resume { get; init; }

    public string ModelPath => Path.Combine(OutputFolder, "model.safetensors");

    public string PagePath => Path.Combine(OutputFolder, "attention.html");

    /// <summary>What an interrupted run goes on from.</summary>
    public string CheckpointPath => Path.Combine(OutputFolder, "checkpoint.safetensors");
}
