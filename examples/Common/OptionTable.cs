// The options of an example, in the order in which the help lists them.

using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Numerics;

namespace TorchScratch.Examples;

/// <summary>
/// Declares options: each method adds one, in the order of the calls, and returns it for reading its value later. A
/// default, where there is one, is appended to the help text.
/// </summary>
public class OptionTable
{
    private readonly List<RunOption> _options = [];

    /// <summary>All options, in the order of their declaration.</summary>
    public IReadOnlyList<RunOption> Options => _options;

    internal RunOption<int>? ThreadCount { get; private set; }

    internal RunOption<Device>? WhereToRun { get; private set; }

    /// <summary>An option without a value: given or not.</summary>
    public RunOption<bool> Switch(string flag, string help) => Add(new RunOption<bool>(flag, null, "", help,
        (string text, out bool value) => bool.TryParse(text, out value), value => value ? "true" : "false")
    {
        Default = _ => false,
    });

    /// <summary>An option with any text; an empty one counts as not given.</summary>
    public RunOption<string> Text(string flag, string kind, string help) => Add(NewText(flag, null, kind, help));

    /// <summary>An option with a whole number from <paramref name="least"/> to <paramref name="most"/>.</summary>
    /// <param name="flag">As in <c>--batch-size</c>.</param>
    /// <param name="key">The key in the checkpoint; null if the value may change when a run is resumed.</param>
    /// <param name="least">The smallest value.</param>
    /// <param name="most">The largest value.</param>
    /// <param name="defaultValue">The value if none is given; null if the program decides.</param>
    /// <param name="help">A phrase for the help.</param>
    public RunOption<int> Integer(string flag, string? key, int least, int most, int? defaultValue, string help) =>
        Add(Ranged(flag, key, $"{least}..{most}", least, most, defaultValue, help));

    /// <summary>An option with a number above <paramref name="above"/>, up to <paramref name="most"/>.</summary>
    /// <inheritdoc cref="Number(string, string, double, double, Func{GivenOptions, double}, string)"/>
    public RunOption<double> Number(string flag, string? key, double above, double most, double defaultValue,
        string help) =>
        Number(flag, key, above, most, _ => defaultValue, $"{help}; {Text(defaultValue)} if not given");

    /// <summary>The same with a default that depends on other options; the help names it.</summary>
    /// <param name="flag">As in <c>--learning-rate</c>.</param>
    /// <param name="key">The key in the checkpoint; null if the value may change when a run is resumed.</param>
    /// <param name="above">The bound below; not itself allowed.</param>
    /// <param name="most">The largest value.</param>
    /// <param name="defaultValue">The value if none is given.</param>
    /// <param name="help">A phrase for the help.</param>
    public RunOption<double> Number(string flag, string? key, double above, double most,
        Func<GivenOptions, double> defaultValue, string help) =>
        Add(new RunOption<double>(flag, key, $"{Text(above)}..{Text(most)}", help,
            (string text, out double value) =>
                double.TryParse(text, CultureInfo.InvariantCulture, out value) && value > above && value <= most, Text)
        {
            Default = defaultValue,
        });

    /// <summary>An option whose value is one of an enumeration.</summary>
    /// <param name="flag">As in <c>--model</c>.</param>
    /// <param name="key">The key in the checkpoint; null if the value may change when a run is resumed.</param>
    /// <param name="name">The name of each value, on the command line and in the checkpoint.</param>
    /// <param name="defaultValue">The value if none is given.</param>
    /// <param name="help">A phrase for the help.</param>
    public RunOption<T> Choice<T>(string flag, string? key, Func<T, string> name, T defaultValue, string help)
        where T : struct, Enum
    {
        ArgumentNullException.ThrowIfNull(name);
        return Add(Named(flag, key, name, $"{help}; {name(defaultValue)} if not given", _ => defaultValue));
    }

    /// <summary>A whole number that follows from the data and is kept with the options.</summary>
    /// <param name="key">The key in the checkpoint.</param>
    /// <param name="least">The smallest value.</param>
    /// <param name="isReported">Whether the report lists it.</param>
    public RunOption<int> Fact(string key, int least, bool isReported = true) =>
        Add(Ranged<int>(null, key, "", least, int.MaxValue, null, "", isReported));

    /// <summary>A text that follows from the data and is kept with the options, but not shown in the report.</summary>
    public RunOption<string> Fact(string key) => Add(NewText(null, key, "", "", isReported: false));

    /// <summary>A value of an enumeration that follows from the data and is kept with the options.</summary>
    public RunOption<T> Fact<T>(string key, Func<T, string> name) where T : struct, Enum =>
        Add(Named(null, key, name, "", null));

    /// <summary>The option <c>--seed</c>.</summary>
    public RunOption<ulong> SeedOption(string help = "Decides initial weights and the order of the samples") =>
        Add(Ranged("--seed", "seed", "0..2^64-1", ulong.MinValue, ulong.MaxValue, 1ul, help));

    /// <summary>The option <c>--threads</c>, which takes effect before the program runs.</summary>
    public RunOption<int> ThreadsOption() =>
        ThreadCount = Integer("--threads", null, 1, 1024, null, "Threads of the kernels; all cores if not given");

    /// <summary>
    /// The option <c>--device</c>, which makes the device the default before the program runs.
    /// </summary>
    public RunOption<Device> DeviceOption() => WhereToRun = Add(new RunOption<Device>("--device", null,
        "cpu|cuda|cuda:N", "Where to train; cpu if not given", Device.TryParse, device => device.ToString()));

    private protected RunOption<T> Add<T>(RunOption<T> option) where T : notnull
    {
        _options.Add(option);
        return option;
    }

    private protected static RunOption<string> NewText(string? flag, string? key, string kind, string help,
        bool isReported = true, bool isValueOptional = false) =>
        new(flag, key, kind, help, Same, text => text)
        {
            IsReported = isReported,
            IsValueOptional = isValueOptional,
        };

    private static bool Same(string text, [MaybeNullWhen(false)] out string value)
    {
        value = text;
        return true;
    }

    private static RunOption<T> Named<T>(string? flag, string? key, Func<T, string> name, string help,
        Func<GivenOptions, T>? defaultValue) where T : struct, Enum =>
        new(flag, key, string.Join('|', Enum.GetValues<T>().Select(name)), help, (string text, out T value) =>
        {
            foreach (var candidate in Enum.GetValues<T>())
            {
                value = candidate;
                if (name(candidate) == text)
                    return true;
            }
            value = default;
            return false;
        }, name)
        {
            Default = defaultValue,
        };

    private static RunOption<T> Ranged<T>(string? flag, string? key, string expected, T least, T most, T? defaultValue,
        string help, bool isReported = true) where T : struct, INumber<T> =>
        new(flag, key, expected, defaultValue is { } shown ? $"{help}; {Text(shown)} if not given" : help,
            (string text, out T value) =>
                T.TryParse(text, CultureInfo.InvariantCulture, out value) && value >= least && value <= most, Text)
        {
            Default = defaultValue is { } fallback ? _ => fallback : null,
            IsReported = isReported,
        };

    private static string Text<T>(T value) where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);
}
