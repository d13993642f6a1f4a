// The command line: its options, their checks and their help.

using System.CommandLine;
using System.Globalization;

namespace TorchScratch.Examples.BreastCancer;

/// <summary>What the user asked for.</summary>
internal sealed record Options(string? Data, int Epochs, ulong Seed, bool Resume);

internal static class CommandLine
{
    private const int BadArguments = 2;

    /// <summary>Parses the arguments and runs, or prints help or errors; returns the exit code.</summary>
    public static int Parse(string[] args, Func<Options, int> run)
    {
        var data = new Option<string?>("--data") { Description = "breast_cancer.csv, or the folder with it", HelpName = "PATH" };
        var epochs = Value("--epochs", "Passes over the training rows of each fold", 25, "1..10000",
            text => Parse<int>(text) is >= 1 and <= 10_000 and var number ? number : null);
        var seed = Value("--seed", "Decides folds, weights and orders", 1UL, "0..2^64-1", Parse<ulong>);
        var resume = new Option<bool>("--resume") { Description = "Goes on with the folds that an interrupted run left" };
        var root = new RootCommand("Tells malignant from benign tumours by thirty measures, tested by cross-validation.")
        {
            data, epochs, seed, resume,
        };
        root.SetAction(parsed => run(new Options(parsed.GetValue(data), parsed.GetValue(epochs), parsed.GetValue(seed),
            parsed.GetValue(resume))));
        var result = root.Parse(args);
        if (result.Errors.Count == 0)
            return result.Invoke();
        foreach (var error in result.Errors)
            Console.Error.WriteLine($"error: {error.Message}");
        Console.Error.WriteLine("`--help` lists the options.");
        return BadArguments;
    }

    // An option whose text is checked here, for messages that say what was expected.
    private static Option<T> Value<T>(string name, string description, T otherwise, string expected, Func<string, T?> parse)
        where T : struct =>
        new(name)
        {
            Description = description,
            HelpName = expected,
            DefaultValueFactory = _ => otherwise,
            CustomParser = result =>
            {
                var text = result.Tokens[0].Value;
                if (parse(text) is not { } value)
                    result.AddError($"{name} {text}: expected {expected}");
                else
                    return value;
                return otherwise;
            },
        };

    private static T? Parse<T>(string text) where T : struct, ISpanParsable<T> =>
        T.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value : null;
}
