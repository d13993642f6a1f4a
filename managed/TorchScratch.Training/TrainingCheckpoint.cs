// Everything that an interrupted run needs in order to resume exactly where it stopped, in one .safetensors file.

using System.Globalization;
using TorchScratch.IO;
using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Training;

/// <summary>The position of a run, between two optimizer steps.</summary>
/// <param name="Epoch">The epoch that the next batch belongs to, from 0.</param>
/// <param name="Batch">The number of the next batch in the epoch, from 0.</param>
/// <param name="Step">Optimizer steps so far.</param>
public readonly record struct TrainingPosition(int Epoch, int Batch, long Step);

/// <summary>
/// The parts of a run whose state a checkpoint holds: weights, optimizer, learning-rate schedules, averages and
/// metrics. <see cref="Save"/> adds the state of the random number generator and the position.
/// </summary>
public sealed class TrainingCheckpoint
{
    private const string Format = "torchscratch-training-1";
    private const string UserPrefix = "user.";

    private readonly Module _model;
    private readonly Optimizer _optimizer;

    /// <summary>A checkpoint of a model and its optimizer.</summary>
    public TrainingCheckpoint(Module model, Optimizer optimizer)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(optimizer);
        (_model, _optimizer) = (model, optimizer);
    }

    /// <summary>The learning-rate schedules, in the same order when saving and loading.</summary>
    public IReadOnlyList<LRScheduler> Schedulers
    {
        get;
        init => field = value ?? throw new ArgumentNullException(nameof(value));
    } = [];

    /// <summary>Averages of the weights; null for none.</summary>
    public ExponentialMovingAverage? Averages { get; init; }

    /// <summary>The scaler of a training in float16; null for none.</summary>
    public GradScaler? Scaler { get; init; }

    /// <summary>The metrics of the current epoch, with distinct names.</summary>
    /// <exception cref="ArgumentException">Two have the same name.</exception>
    public IReadOnlyList<Metric> Metrics
    {
        get;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            var names = new HashSet<string>();
            foreach (var metric in value)
            {
                ArgumentNullException.ThrowIfNull(metric, nameof(value));
                if (!names.Add(metric.Name))
                    {
                    throw new ArgumentException($"two metrics are called {metric.Name}; give one another name",
                        nameof(value));
                }
            }
            field = value;
        }
    } = [];

    /// <summary>
    /// Reads and sets further state of the run. Setting either succeeds or throws and changes nothing.
    /// </summary>
    internal (Func<IReadOnlyDictionary<string, Tensor>> Get,
        Action<IReadOnlyDictionary<string, Tensor>> Set)? Extra { get; init; }

    /// <summary>
    /// Writes the file under a temporary name, flushes it to the disk and then replaces the old one. Whenever the
    /// process ends, either the old or the new file is complete.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="position">The position of the run.</param>
    /// <param name="metadata">Further texts, such as options that must not change.</param>
    /// <exception cref="TensorIOException">The file cannot be written.</exception>
    public void Save(string path, TrainingPosition position, IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        using var scope = Tensor.Scope();
        var tensors = new Dictionary<string, Tensor>();
        foreach (var part in Parts())
        {
            foreach (var (name, tensor) in part.Get())
                tensors.Add(part.Prefix + name, tensor);
        }
        var random = Runtime.RandomState;
        var texts = new Dictionary<string, string>
        {
            ["format"] = Format,
            ["epoch"] = Text(position.Epoch),
            ["batch"] = Text(position.Batch),
            ["step"] = Text(position.Step),
            ["random_seed"] = Text(random.Seed),
            ["random_offset"] = Text(random.Offset),
        };
        foreach (var (key, value) in metadata ?? new Dictionary<string, string>())
            texts.Add(UserPrefix + key, value);

        WholeFile.MakeFolder(path);
        SafeTensors.Save(path, tensors, texts);
    }

    /// <summary>
    /// Restores all parts and the state of the random number generator. If something does not fit, nothing is changed.
    /// </summary>
    /// <returns>The position at which the run resumes, and the texts given to <see cref="Save"/>.</returns>
    /// <exception cref="TensorIOException">The file is missing, damaged, or not a checkpoint.</exception>
    /// <exception cref="StateDictException">
    /// It belongs to another model, optimizer or schedule; the message lists the differences.
    /// </exception>
    /// <exception cref="ValueException">
    /// It belongs to a run with other metrics or another number of schedules.
    /// </exception>
    public (TrainingPosition Position, IReadOnlyDictionary<string, string> Metadata) Load(string path)
    {
        using var scope = Tensor.Scope();
        var tensors = SafeTensors.Load(path, out var texts);
        var (position, random) = ReadPosition(path, texts);
        Part[] parts = [.. Parts()];
        CheckParts(path, parts, tensors);

        // The previous states, so that all parts can be restored if one does not fit.
        var loaded = new List<Action>();
        try
        {
            foreach (var part in parts)
            {
                loaded.Add(Undo(part));
                part.Set(Under(tensors, part.Prefix));
            }
        }
        catch
        {
            // Including the last part, which may or may not have changed.
            foreach (var undo in Enumerable.Reverse(loaded))
                undo();
            throw;
        }
        Runtime.RandomState = random;
        return (position, UserTexts(texts));
    }

    /// <summary>
    /// Reads the position and the texts of a checkpoint from the header of the file, without loading tensors.
    /// </summary>
    /// <exception cref="TensorIOException">The file is missing, damaged, or not a checkpoint.</exception>
    public static (TrainingPosition Position, IReadOnlyDictionary<string, string> Metadata) Inspect(string path)
    {
        var texts = SafeTensors.ReadMetadata(path);
        return (ReadPosition(path, texts).Position, UserTexts(texts));
    }

    private static (TrainingPosition Position, RandomState Random) ReadPosition(string path,
        Dictionary<string, string> texts)
    {
        if (texts.GetValueOrDefault("format") != Format)
        {
            throw new TensorIOException($"{path}: this is not a checkpoint of a run" +
                (texts.Count == 0 ? "; if it holds only weights, read it with Module.Load" : ""));
        }
        var position = new TrainingPosition(Number<int>("epoch"), Number<int>("batch"), Number<long>("step"));
        return position is { Epoch: >= 0, Batch: >= 0, Step: >= 0 }
            ? (position, new(Number<ulong>("random_seed"), Number<ulong>("random_offset")))
            : throw new TensorIOException($"{path}: its position is invalid: {position}");

        T Number<T>(string key) where T : ISpanParsable<T> =>
            T.TryParse(texts.GetValueOrDefault(key), CultureInfo.InvariantCulture, out var value)
                ? value
                : throw new TensorIOException($"{path}: its metadata has no number under '{key}'");
    }

    private static Dictionary<string, string> UserTexts(Dictionary<string, string> texts) => texts
        .Where(entry => entry.Key.StartsWith(UserPrefix, StringComparison.Ordinal))
        .ToDictionary(entry => entry.Key[UserPrefix.Length..], entry => entry.Value);

    private IEnumerable<Part> Parts()
    {
        yield return new("model.", _model.StateDict, state => _model.LoadStateDict(state));
        yield return new("optimizer.", _optimizer.StateDict, _optimizer.LoadStateDict);
        for (var i = 0; i < Schedulers.Count; i++)
        {
            var scheduler = Schedulers[i];
            yield return new($"scheduler.{i}.", scheduler.StateDict, scheduler.LoadStateDict);
        }
        if (Averages is { } averages)
            yield return new("averages.", averages.StateDict, averages.LoadStateDict);
        if (Scaler is { } scaler)
            yield return new("scaler.", scaler.StateDict, scaler.LoadStateDict);
        yield return new("metric.", GetMetrics, SetMetrics);
        if (Extra is var (get, set))
            yield return new("trainer.", get, set);
    }

    private Dictionary<string, Tensor> GetMetrics() =>
        Metrics.ToDictionary(metric => metric.Name, metric => Tensor.FromArray(metric.SaveState(), Device.Cpu));

    private void SetMetrics(IReadOnlyDictionary<string, Tensor> state)
    {
        if (!state.Keys.ToHashSet().SetEquals(Metrics.Select(metric => metric.Name)))
        {
            throw new ValueException(
                $"the metrics differ: the checkpoint has [{string.Join(", ", state.Keys)}], this run has " +
                $"[{string.Join(", ", Metrics.Select(metric => metric.Name))}]");
        }
        foreach (var metric in Metrics)
            metric.RestoreState(Numbers(metric.Name, state[metric.Name]));
    }

    /// <summary>The numbers in a tensor of a state.</summary>
    /// <exception cref="StateDictException">It is no vector of Float64.</exception>
    internal static double[] Numbers(string key, Tensor tensor) => tensor.NDim == 1 && tensor.DType == DType.Float64
        ? tensor.ToArray<double>()
        : throw new StateDictException("the metrics", [], [],
            [$"{key}: expected a vector of Float64, got {tensor.DType.Name} {tensor.ShapeText}"]);

    private static void CheckParts(string path, Part[] parts, Dictionary<string, Tensor> tensors)
    {
        foreach (var name in tensors.Keys)
        {
            if (!Array.Exists(parts, part => name.StartsWith(part.Prefix, StringComparison.Ordinal)))
            {
                throw new ValueException(
                    $"{path}: it holds '{name}', which this run does not have: give the run the " +
                    "schedules and averages with which the checkpoint was saved");
            }
        }
    }

    // Copies, since the tensors of a state share memory with the part.
    private static Action Undo(Part part)
    {
        using var noGrad = Autograd.NoGrad();
        var state = part.Get().ToDictionary(entry => entry.Key, entry => entry.Value.Clone());
        return () => part.Set(state);
    }

    private static Dictionary<string, Tensor> Under(Dictionary<string, Tensor> tensors, string prefix) => tensors
        .Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
        .ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value);

    private static string Text<T>(T value) where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);

    private sealed record Part(string Prefix, Func<IReadOnlyDictionary<string, Tensor>> Get,
        Action<IReadOnlyDictionary<string, Tensor>> Set);
}
