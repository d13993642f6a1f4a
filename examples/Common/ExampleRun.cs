// One run of an example that trains: what all sessions do in the same way, from the checkpoint to the saved model.

using TorchScratch.NN;
using TorchScratch.Training;

namespace TorchScratch.Examples;

/// <summary>
/// A run and its folder. The constructor reads the checkpoint if the run is resumed; then the session loads its data,
/// settles what follows from them, calls <see cref="Open"/>, trains with <see cref="Fit"/> and saves with
/// <see cref="SaveModel"/>.
/// </summary>
public sealed class ExampleRun : IDisposable
{
    private readonly string _folder;
    private readonly TrainingOptions _table;
    private readonly TextWriter _output;
    private string? _modelPath;
    private ConsoleProgress? _progress;
    private RunFolder? _runFolder;

    /// <summary>A new run, or one to be resumed.</summary>
    /// <param name="table">The example's options.</param>
    /// <param name="given">Those that were given.</param>
    /// <param name="defaultFolder">The run's folder without --output and without a checkpoint's path.</param>
    /// <param name="output">Receives what the program says.</param>
    /// <exception cref="TensorIOException">The checkpoint is missing or damaged, or of another program.</exception>
    /// <exception cref="OptionConflictException">An option differs from the checkpoint's.</exception>
    public ExampleRun(TrainingOptions table, GivenOptions given, string defaultFolder, TextWriter output)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(given);
        (_table, _output) = (table, output);
        _folder = given.Folder(table, defaultFolder);
        if (!given.Has(table.Resume))
        {
            Plan = RunPlan.New(table, given);
            return;
        }
        Checkpoint = given.Text(table.Resume) ?? Path.Combine(_folder, "checkpoint.safetensors");
        Plan = RunPlan.Read(table, Checkpoint);
        Plan.Check(given);
    }

    /// <summary>The checkpoint to resume from; null for a new run.</summary>
    public string? Checkpoint { get; }

    /// <summary>The options and facts that must not change when the run is resumed.</summary>
    public RunPlan Plan { get; private set; }

    /// <summary>For the trainer.</summary>
    public ConsoleProgress Progress => _progress ??= new ConsoleProgress(_output);

    /// <summary>The run's folder, once it is open.</summary>
    public RunFolder Folder =>
        _runFolder ?? throw new InvalidOperationException("the run's folder is not open yet: call Open first");

    /// <summary>Passes over the training data.</summary>
    public int Epochs => Get(_table.Epochs);

    /// <summary>Decides initial weights and the order of the samples.</summary>
    public ulong Seed => Get(_table.Seed);

    /// <summary>The value of an option of the plan.</summary>
    public T Get<T>(RunOption<T> option) where T : notnull => Plan.Get(option);

    /// <summary>Sets a value of a new run's plan.</summary>
    public void Set<T>(RunOption<T> option, T value) where T : notnull => Plan = Plan.With(option, value);

    /// <summary>Sets a value of a new run's plan, or compares it with that of the run to be resumed.</summary>
    /// <param name="option">Which value.</param>
    /// <param name="value">What it is now.</param>
    /// <param name="conflict">What to say if the checkpoint has another one, which it gets.</param>
    /// <exception cref="OptionConflictException">The checkpoint has another value.</exception>
    public void Settle<T>(RunOption<T> option, T value, Func<T, string> conflict) where T : notnull
    {
        ArgumentNullException.ThrowIfNull(conflict);
        if (Checkpoint is null)
            Set(option, value);
        else if (!Get(option).Equals(value))
            throw new OptionConflictException(conflict(Get(option)));
    }

    /// <summary>Makes the run's folder, or opens that of a resumed run, and seeds the random numbers.</summary>
    /// <param name="modelPath">Where <see cref="SaveModel"/> writes; null for the run's folder.</param>
    public void Open(string? modelPath = null)
    {
        _runFolder = Checkpoint is null ? RunFolder.Create(_folder) : RunFolder.Open(_folder);
        _modelPath = Path.GetFullPath(modelPath ?? Path.Combine(Folder.Path, "model.safetensors"));
        // Fail now rather than after an hour of training if the folder cannot be made.
        Directory.CreateDirectory(Path.GetDirectoryName(_modelPath)!);
        Runtime.ManualSeed(Seed);
    }

    /// <summary>Fills in the parts of the report that do not change during the run.</summary>
    /// <param name="title">The heading.</param>
    /// <param name="subtitle">A sentence below it.</param>
    /// <param name="model">The network, shown layer by layer.</param>
    /// <param name="input">Makes an input of one sample.</param>
    /// <param name="facts">Hyperparameters that are no options; those of the plan follow.</param>
    public void Describe(string title, string subtitle, Module<Tensor, Tensor> model, Func<Tensor> input,
        params (string Name, string Value)[] facts)
    {
        ArgumentNullException.ThrowIfNull(input);
        var report = Folder.Report;
        (report.Title, report.Subtitle) = (title, subtitle);
        foreach (var (name, value) in facts.Concat(Plan.Reported))
            report.HyperParameters.Add(name, value);
        using var scope = Tensor.Scope();
        report.ModelSummary = model.Summary(input()).ToString();
    }

    /// <summary>Says how large a network is and on what it runs.</summary>
    public void WriteModel(string name, Module model) =>
        _output.WriteLine($"{name}, {ParameterCount(model)} parameters; " + (Device.Default is { IsCuda: true } device
            ? $"{device}, {Cuda.GetProperties(device.Index).Name}"
            : $"{Runtime.NumThreads} threads, {Runtime.SimdTarget}"));

    /// <summary>The number of elements of all parameters.</summary>
    public static long ParameterCount(Module model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Parameters().Sum(parameter => parameter.ElementCount);
    }

    /// <summary>
    /// Trains, from the checkpoint if the run is resumed. Says where it resumes and, after Ctrl-C, how to resume it.
    /// </summary>
    /// <returns>The result; null if the training was interrupted.</returns>
    public TrainingResult? Fit<TBatch>(Trainer<TBatch> trainer, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(trainer);
        if (Checkpoint is not null)
        {
            trainer.Resume(Checkpoint);
            _output.WriteLine($"resumed at epoch {trainer.Position.Epoch + 1}, batch {trainer.Position.Batch}");
        }
        var result = trainer.Fit(Epochs, cancellation);
        Progress.Dispose();
        if (result.Outcome != TrainingOutcome.Cancelled)
            return result;
        WriteInterrupted($"interrupted at epoch {result.Position.Epoch + 1}, batch {result.Position.Batch}");
        return null;
    }

    /// <summary>Says where the checkpoint is and how to resume from it.</summary>
    public void WriteInterrupted(string what)
    {
        _output.WriteLine($"{what}; saved to {Folder.CheckpointPath}");
        _output.WriteLine($"to resume: --resume {Folder.CheckpointPath}");
    }

    /// <summary>Saves the model, and says where it and the report are.</summary>
    public void SaveModel(Module model, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        model.Save(_modelPath!, metadata);
        _output.WriteLine($"model saved to {_modelPath}");
        _output.WriteLine($"report: {Folder.ReportPath}");
    }

    /// <summary>Clears the progress bar and closes the folder's files.</summary>
    public void Dispose()
    {
        _progress?.Dispose();
        _runFolder?.Dispose();
    }
}
