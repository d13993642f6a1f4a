// All that an interrupted run needs to go on as if nothing had happened, in one .safetensors file.

using System.Globalization;
using TorchScratch.IO;
using TorchScratch.NN;
using TorchScratch.Optim;

namespace TorchScratch.Training;

/// <summary>Where a run is: between two steps of the optimizer.</summary>
/// <param name="Epoch">The epoch that the next batch belongs to, from 0.</param>
/// <param name="Batch">That batch's number in the epoch, from 0.</param>
/// <param name="Step">Steps of the optimizer taken so far.</param>
public readonly record struct TrainingPosition(int Epoch, int Batch, long Step);

/// <summary>
/// The parts of a run whose state a checkpoint holds: weights, optimizer, schedules, averages and metrics, each taken
/// up by reference. <see cref="Save"/> adds the random state and the position.
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

    /// <summary>The schedules, in an order that does not change.</summary>
    public IReadOnlyList<LRScheduler> Schedulers { get; init; } = [];

    /// <summary>Averages of the weights, if the run keeps any.</summary>
    public ExponentialMovingAverage? Averages { get; init; }

    /// <summary>Metrics of the epoch under way, each name once.</summary>
    public IReadOnlyList<Metric> Metrics { get; init; } = [];

    /// <summary>Reads and sets what else the run remembers; setting takes all or, with an exception, nothing.</summary>
    internal (Func<IReadOnlyDictionary<string, Tensor>> Get,
        Action<IReadOnlyDictionary<string, Tensor>> Set)? Extra { get; init; }

    /// <summary>
    /// Writes the file: whole under another name, flushed to the disk, then put in the old one's place. Whenever the
    /// process ends, the old file or the new one is there.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="position">Where the run is.</param>
    /// <param name="metadata">Texts of the user's, such as options that must not change.</param>
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

        WholeFile.Write(path, temporary => SafeTensors.Save(temporary, tensors, texts), makeFolder: true);
    }

    /// <summary>
    /// Puts all parts back where they stood, and the random numbers. Either all of it or, when something does not fit,
    /// nothing.
    /// </summary>
    /// <returns>Where the run goes on, and the user's texts.</returns>
    /// <exception cref="TensorIOException">The file is missing, damaged, or not a checkpoint.</exception>
    /// <exception cref="StateDictException">It is of another model, optimizer or schedule; the message lists what
    /// differs.</exception>
    /// <exception cref="ValueException">It is of a run with other metrics or more or fewer schedules.</exception>
    public (TrainingPosition Position, IReadOnlyDictionary<string, string> Metadata) Load(string path)
    {
        using var scope = Tensor.Scope();
        var tensors = SafeTensors.Load(path, out var texts);
        var (position, random) = ReadPosition(path, texts);
        Part[] parts = [.. Parts()];
        CheckParts(path, parts, tensors);

        // What was, so that a part that does not fit takes back those before it.
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
            // Also the last, which changed nothing by its own promise, or all of it.
            foreach (var undo in Enumerable.Reverse(loaded))
                undo();
            throw;
        }
        Runtime.RandomState = random;
        return (position, UserTexts(texts));
    }

    /// <summary>The user's texts and the position of a file, without loading anything.</summary>
    /// <exception cref="TensorIOException">The file is missing, damaged, or not a checkpoint.</exception>
    public static (TrainingPosition Position, IReadOnlyDictionary<string, string> Metadata) Inspect(string path)
    {
        using var scope = Tensor.Scope();
        _ = SafeTensors.Load(path, out var texts);
        return (ReadPosition(path, texts).Position, UserTexts(texts));
    }

    private static (TrainingPosition Position, RandomState Random) ReadPosition(string path,
        Dictionary<string, string> texts)
    {
        if (texts.GetValueOrDefault("format") != Format)
        {
            throw new TensorIOException($"{path}: not a checkpoint of a run" +
                (texts.Count == 0 ? "; are these weights alone? Module.Load reads those" : ""));
        }
        var position = new TrainingPosition(Number<int>("epoch"), Number<int>("batch"), Number<long>("step"));
        return position is { Epoch: >= 0, Batch: >= 0, Step: >= 0 }
            ? (position, new(Number<ulong>("random_seed"), Number<ulong>("random_offset")))
            : throw new TensorIOException($"{path}: its position makes no sense: {position}");

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
        yield return new("metric.", GetMetrics, SetMetrics);
        if (Extra is var (get, set))
            yield return new("trainer.", get, set);
    }

    private Dictionary<string, Tensor> GetMetrics() =>
        Metrics.ToDictionary(metric => metric.Name, metric => Tensor.FromArray(metric.SaveSums()));

    private void SetMetrics(IReadOnlyDictionary<string, Tensor> state)
    {
        if (!state.Keys.ToHashSet().SetEquals(Metrics.Select(metric => metric.Name)))
        {
            throw new ValueException(
                $"the checkpoint has the metrics [{string.Join(", ", state.Keys)}], this run has " +
                $"[{string.Join(", ", Metrics.Select(metric => metric.Name))}]; give it the same ones");
        }
        foreach (var metric in Metrics)
            metric.RestoreSums(state[metric.Name].ToArray<double>());
    }

    private static void CheckParts(string path, Part[] parts, Dictionary<string, Tensor> tensors)
    {
        foreach (var name in tensors.Keys)
        {
            if (!Array.Exists(parts, part => name.StartsWith(part.Prefix, StringComparison.Ordinal)))
            {
                throw new ValueException(
                    $"{path}: it holds '{name}', for which this run has no place: give the run the " +
                    "schedules and averages that the checkpoint was made with");
            }
        }
    }

    // Copies, since a state's tensors share memory with their owner's.
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
