// A run's options in its checkpoint: read back, and held against those given now.

using System.Globalization;
using System.Numerics;
using TorchScratch.Training;

namespace TorchScratch.Examples;

/// <summary>Options that a checkpoint keeps as texts.</summary>
public sealed class SavedOptions
{
    private readonly string _path;
    private readonly IReadOnlyDictionary<string, string> _texts;

    private SavedOptions(string path, IReadOnlyDictionary<string, string> texts) => (_path, _texts) = (path, texts);

    /// <summary>The options in a file.</summary>
    /// <exception cref="TensorIOException">The file is missing, damaged, or not a checkpoint.</exception>
    public static SavedOptions Read(string path) => new(path, TrainingCheckpoint.Inspect(path).Metadata);

    /// <summary>A text.</summary>
    /// <exception cref="TensorIOException">There is none: the file is of another program.</exception>
    public string Text(string key) => _texts.TryGetValue(key, out var text) ? text : throw NotOfThisProgram();

    /// <summary>A number in a range.</summary>
    /// <exception cref="TensorIOException">There is none: the file is of another program.</exception>
    public T Number<T>(string key, T least, T most) where T : struct, INumber<T> => Value<T>(key, text =>
        T.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most
            ? number
            : null);

    /// <summary>A value that a text names.</summary>
    /// <param name="key">Which option.</param>
    /// <param name="parse">Makes the value of a text; null for one that will not do.</param>
    /// <exception cref="TensorIOException">There is none: the file is of another program.</exception>
    public T Value<T>(string key, Func<string, T?> parse) where T : struct
    {
        ArgumentNullException.ThrowIfNull(parse);
        return _texts.TryGetValue(key, out var text) && parse(text) is { } value
            ? value
            : throw NotOfThisProgram();
    }

    /// <summary>A number as a checkpoint keeps it.</summary>
    public static string Text<T>(T number) where T : IFormattable
    {
        ArgumentNullException.ThrowIfNull(number);
        return number.ToString(null, CultureInfo.InvariantCulture);
    }

    /// <summary>Throws if an option is given that differs from the saved one: it would be silently ignored.</summary>
    /// <param name="name">As in <c>--epochs</c>.</param>
    /// <param name="given">What the user gave; null for nothing.</param>
    /// <param name="saved">What the run has.</param>
    /// <exception cref="OptionConflictException">They differ.</exception>
    public static void Check<T>(string name, T? given, T saved) where T : struct
    {
        if (given is { } value && !value.Equals(saved))
            throw new OptionConflictException($"{name} {value}: the checkpoint is of a run with {saved}");
    }

    private TensorIOException NotOfThisProgram() => new($"{_path}: not a checkpoint of this program");
}
