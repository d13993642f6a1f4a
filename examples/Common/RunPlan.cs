// What must not change when a run is resumed: the options and facts that its checkpoint keeps.

using TorchScratch.Training;

namespace TorchScratch.Examples;

/// <summary>The values of a run's options that have a key, as texts by key.</summary>
public sealed class RunPlan
{
    private readonly IReadOnlyList<RunOption> _options;
    private readonly Dictionary<string, string> _texts;

    private RunPlan(IReadOnlyList<RunOption> options, Dictionary<string, string> texts) =>
        (_options, _texts) = (options, texts);

    /// <summary>The texts, for a checkpoint.</summary>
    public IReadOnlyDictionary<string, string> Texts => _texts;

    /// <summary>The texts that a report shows, in the order of the option table.</summary>
    public IEnumerable<(string Name, string Value)> Reported => _options
        .Where(option => option.IsReported && _texts.ContainsKey(option.Key!))
        .Select(option => (option.Key!, _texts[option.Key!]));

    /// <summary>The plan of a new run: what was given, or else the defaults.</summary>
    public static RunPlan New(OptionTable table, GivenOptions given)
    {
        var options = Kept(table);
        var texts = options.Select(option => (Key: option.Key!, Text: option.NewText(given)))
            .Where(entry => entry.Text is not null);
        return new(options, texts.ToDictionary(entry => entry.Key, entry => entry.Text!));
    }

    /// <summary>The plan in a checkpoint.</summary>
    /// <exception cref="TensorIOException">The file is missing or damaged, or belongs to another program.</exception>
    public static RunPlan Read(OptionTable table, string path)
    {
        var options = Kept(table);
        var saved = TrainingCheckpoint.Inspect(path).Metadata;
        var texts = new Dictionary<string, string>();
        foreach (var option in options)
        {
            if (!saved.TryGetValue(option.Key!, out var text) || !option.Accepts(text))
                throw new TensorIOException($"{path}: this is not a checkpoint of this program");
            texts.Add(option.Key!, text);
        }
        return new(options, texts);
    }

    /// <summary>Throws if an option is given that differs from the plan: it would be silently ignored.</summary>
    /// <exception cref="OptionConflictException">They differ; the message names both values.</exception>
    public void Check(GivenOptions given)
    {
        foreach (var option in _options)
            option.Check(given, _texts[option.Key!]);
    }

    /// <summary>The value of an option.</summary>
    public T Get<T>(RunOption<T> option) where T : notnull
    {
        ArgumentNullException.ThrowIfNull(option);
        return option.Parse(_texts[option.Key!]);
    }

    /// <summary>The same plan with another value of one option.</summary>
    public RunPlan With<T>(RunOption<T> option, T value) where T : notnull
    {
        ArgumentNullException.ThrowIfNull(option);
        return new(_options, new Dictionary<string, string>(_texts) { [option.Key!] = option.Format(value) });
    }

    private static RunOption[] Kept(OptionTable table) => [.. table.Options.Where(option => option.Key is not null)];
}
