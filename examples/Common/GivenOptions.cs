// What the user gave on the command line.

using System.Diagnostics.CodeAnalysis;

namespace TorchScratch.Examples;

/// <summary>
/// The options that were given. Values are kept as texts, which have been checked, and parsed when read.
/// </summary>
public sealed class GivenOptions
{
    private readonly Dictionary<RunOption, string> _texts = [];

    /// <summary>Whether an option was given, with or without a value.</summary>
    public bool Has(RunOption option) => _texts.ContainsKey(option);

    /// <summary>The value that was given; false if there is none.</summary>
    public bool TryGet<T>(RunOption<T> option, [MaybeNullWhen(false)] out T value) where T : notnull
    {
        ArgumentNullException.ThrowIfNull(option);
        var isGiven = _texts.TryGetValue(option, out var text);
        value = isGiven ? option.Parse(text!) : default;
        return isGiven;
    }

    /// <summary>The value that was given, or else the default.</summary>
    /// <exception cref="InvalidOperationException">There is neither.</exception>
    public T Get<T>(RunOption<T> option) where T : notnull => TryGet(option, out var value)
        ? value
        : option.Default is { } fallback
            ? fallback(this)
            : throw new InvalidOperationException($"{option.Flag} was not given and has no default");

    /// <summary>The text that was given; null for none, or an empty one.</summary>
    public string? Text(RunOption<string> option) => TryGet(option, out var text) && text.Length > 0 ? text : null;

    /// <summary>The run's folder: as given; else that of the checkpoint to resume from; else the default.</summary>
    public string Folder(TrainingOptions table, string defaultFolder)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Text(table.Output) ??
            (Text(table.Resume) is { } path ? Path.GetDirectoryName(Path.GetFullPath(path))! : defaultFolder);
    }

    /// <summary>The same options and one more.</summary>
    public GivenOptions With<T>(RunOption<T> option, T value) where T : notnull
    {
        ArgumentNullException.ThrowIfNull(option);
        var result = new GivenOptions();
        foreach (var (other, text) in _texts)
            result._texts[other] = text;
        result._texts[option] = option.Format(value);
        return result;
    }

    internal void Add(RunOption option, string text) => _texts[option] = text;
}
