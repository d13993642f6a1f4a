// The log messages of a trainer.

using Microsoft.Extensions.Logging;

namespace TorchScratch.Training;

internal static partial class TrainerLog
{
    [LoggerMessage(1, LogLevel.Information, "epoch {Epoch}/{Epochs}: {Values}")]
    public static partial void Epoch(ILogger logger, int epoch, int epochs, string values);

    [LoggerMessage(2, LogLevel.Information, "resumed from {Path} in epoch {Epoch}, batch {Batch}, step {Step}")]
    public static partial void Resumed(ILogger logger, string path, int epoch, int batch, long step);

    [LoggerMessage(3, LogLevel.Debug, "saved {Path} in epoch {Epoch}, batch {Batch}, step {Step}")]
    public static partial void Saved(ILogger logger, string path, int epoch, int batch, long step);

    [LoggerMessage(4, LogLevel.Information, "{Outcome} after {Epochs} epochs, {Steps} steps")]
    public static partial void Ended(ILogger logger, TrainingOutcome outcome, int epochs, long steps);
}
