// One option of an example, declared once.

using System.Diagnostics.CodeAnalysis;

namespace TorchScratch.Examples;

/// <summary>Reads a value from a text; false if the text is not one of the accepted values.</summary>
internal delegate bool OptionParser<T>(string text, [MaybeNullWhen(false)] out T value);

/// <summary>
/// What an option is, apart from the type of its value: the flag on the command line, the key under which checkpoints
/// and reports keep the value, and the help text.
/// </summary>
public abstract class RunOption
{
    private protected RunOption(string? flag, string? key, string expected, string help) =>
        (Flag, Key, Expected, Help) = (flag, key, expected, help);

    /// <summary>As in <c>--epochs</c>; null for a value that follows from the data rather than from the user.</summary>
    public string? Flag { get; }

    /// <summary>
    /// The key in checkpoints and reports, as in <c>batch size</c>; null for an option that may change
    /// when a run is resumed.
    /// </summary>
    public string? Key { get; }

    /// <summary>Whether the report lists the value among the hyperparameters.</summary>
    public bool IsReported { get; internal init; } = true;

    /// <summary>The accepted values, as in <c>1..100000</c>.</summary>
    internal string Expected { get; }

    internal string Help { get; }

    /// <summary>Whether the flag may stand without a value.</summary>
    internal bool IsValueOptional { get; init; }

    internal abstract bool Accepts(string text);

    /// <summary>The value of a new run as text; null if none was given and there is no default.</summary>
    internal abstract string? NewText(GivenOptions given);

    /// <summary>Throws if a value was given that differs from the one in the checkpoint.</summary>
    internal abstract void Check(GivenOptions given, string saved);
}

/// <summary>An option with a value of type T. <see cref="OptionTable"/> makes them.</summary>
public sealed class RunOption<T> : RunOption where T : notnull
{
    private readonly OptionParser<T> _parse;
    private readonly Func<T, string> _format;

    internal RunOption(string? flag, string? key, string expected, string help, OptionParser<T> parse,
        Func<T, string> format) : base(flag, key, expected, help) => (_parse, _format) = (parse, format);

    /// <summary>The value if none is given; it may depend on the other options.</summary>
    internal Func<GivenOptions, T>? Default { get; init; }

    internal override bool Accepts(string text) => _parse(text, out _);

    internal T Parse(string text) => _parse(text, out var value)
        ? value
        : throw new FormatException($"{Flag ?? Key} {text}: expected {Expected}");

    internal string Format(T value) => _format(value);

    internal override string? NewText(GivenOptions given) =>
        Default is not null || given.Has(this) ? Format(given.Get(this)) : null;

    internal override void Check(GivenOptions given, string saved)
    {
        if (given.TryGet(this, out var value) && !value.Equals(Parse(saved)))
        {
            throw new OptionConflictException(
                $"{Flag} {Format(value)}: the checkpoint is from a run with {saved}");
        }
    }
}

/// <summary>Options that contradict each other, or the checkpoint that they are given with.</summary>
public sealed class OptionConflictException(string message) : Exception(message);
