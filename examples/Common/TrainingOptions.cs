// The options that every example that trains has.

namespace TorchScratch.Examples;

/// <summary>A table that begins with the options of every example that trains.</summary>
public sealed class TrainingOptions : OptionTable
{
    /// <summary>Declares the common options.</summary>
    /// <param name="dataKind">What --data takes, as in <c>FILE</c>.</param>
    /// <param name="dataHelp">What --data names.</param>
    /// <param name="epochs">The number of epochs without --epochs.</param>
    /// <param name="folder">The run's folder without --output, for the help.</param>
    /// <param name="epochsHelp">What an epoch is.</param>
    public TrainingOptions(string dataKind, string dataHelp, int epochs, string folder,
        string epochsHelp = "Passes over the training data")
    {
        Data = Text("--data", dataKind, dataHelp);
        Epochs = Integer("--epochs", "epochs", 1, 100_000, epochs, epochsHelp);
        Seed = SeedOption();
        Resume = Add(NewText("--resume", null, "FILE",
            "Resumes from a checkpoint; the one in the run's folder if no file is given", isValueOptional: true));
        ThreadsOption();
        DeviceOption();
        Output = Text("--output", "DIR",
            $"The run's folder, for metrics, report and checkpoint; {folder} if not given");
    }

    /// <summary>The data set: a folder or a file.</summary>
    public RunOption<string> Data { get; }

    /// <summary>Passes over the training data.</summary>
    public RunOption<int> Epochs { get; }

    /// <summary>Decides initial weights and the order of the samples.</summary>
    public RunOption<ulong> Seed { get; }

    /// <summary>The checkpoint to resume from; without a text, the one in the run's folder.</summary>
    public RunOption<string> Resume { get; }

    /// <summary>The run's folder.</summary>
    public RunOption<string> Output { get; }
}
