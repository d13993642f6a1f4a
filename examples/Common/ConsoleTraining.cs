// A training with what a user at a console wants to know of it.

using TorchScratch.Training;

namespace TorchScratch.Examples;

/// <summary>Runs trainers, and tells how a run goes on.</summary>
public static class ConsoleTraining
{
    /// <summary>
    /// Trains from the beginning or from a checkpoint; says where it goes on and, after Ctrl-C, how to.
    /// </summary>
    /// <param name="trainer">With a plan of checkpoints.</param>
    /// <param name="progress">The trainer's; its bar is taken away at the end.</param>
    /// <param name="epochs">Epochs in all.</param>
    /// <param name="checkpoint">Where to go on from; null for the beginning.</param>
    /// <param name="output">Gets the lines.</param>
    /// <param name="cancellation">Ends the training between two steps.</param>
    public static TrainingResult Fit<TBatch>(Trainer<TBatch> trainer, ConsoleProgress progress, int epochs,
        string? checkpoint, TextWriter output, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(progress);
        ArgumentNullException.ThrowIfNull(output);
        if (checkpoint is not null)
        {
            trainer.Resume(checkpoint);
            output.WriteLine($"resumed at epoch {trainer.Position.Epoch + 1}, batch {trainer.Position.Batch}");
        }
        var result = trainer.Fit(epochs, cancellation);
        progress.Dispose();
        if (result.Outcome == TrainingOutcome.Cancelled && trainer.Checkpoints is { } plan)
        {
            output.WriteLine($"interrupted at epoch {result.Position.Epoch + 1}, batch {result.Position.Batch}; " +
                $"saved to {plan.Path}");
            output.WriteLine($"--resume {plan.Path} goes on from there");
        }
        return result;
    }
}
