// The command line: its options, their checks and their help.

using System.CommandLine;
using System.Globalization;

namespace TorchScratch.Examples.Sentiment;

internal static class CommandLine
{
    public const int BadArguments = 2;

    /// <summary>Parses the arguments and runs, or prints help or errors; returns the exit code.</summary>
    public static int Parse(string[] args, Func<Options, int> run)
    {
        var data = new Option<string?>("--data")
        {
            Description = "Sentences to learn from, a line each: 0 or 1, a tab, the words; generated if not given",
            HelpName = "FILE",
        };
        var epochs = Number("--epochs", "Passes over the sentences; 12 if not given", "1..10000",
            text => int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number is >= 1 and <= 10_000
                ? number
                : (int?)null);
        var seed = Number("--seed", "Decides sentences, weights and orders; 1 if not given", "0..2^64-1",
            text => ulong.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : (ulong?)null);
        var folder = new Option<string>("--out")
        {
            Description = "Folder for the model and the pictures of attention",
            HelpName = "DIR",
            DefaultValueFactory = _ => Path.Combine("runs", "sentiment"),
        };
        var resume = new Option<bool>("--resume")
        {
            Description = "Goes on after the last epoch that an interrupted run finished",
        };

        var root = new RootCommand("Tells praise from blame in sentences, and shows where attention looks.")
        {
            data, epochs, seed, folder, resume,
        };
        root.SetAction(parsed => run(new Options
        {
            DataPath = parsed.GetValue(data),
            Epochs = parsed.GetValue(epochs),
            Seed = parsed.GetValue(seed),
            OutputFolder = parsed.GetRequiredValue(folder),
            Resume = parsed.GetValue(resume),
        }));
        var result = root.Parse(args);
        if (result.Errors.Count == 0)
            return result.Invoke();
        foreach (var error in result.Errors)
            Console.Error.WriteLine($"error: {error.Message}");
        Console.Error.WriteLine("`--help` lists the options.");
        return BadArguments;
    }

    // An option whose text is checked here, for messages that say what was expected.
    private static Option<T?> Number<T>(string name, string description, string expected,
        Func<string, T?> parse) where T : struct => new(name)
    {
        Description = description,
        HelpName = expected,
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (parse(text) is { } value)
                return value;
            result.AddError($"{name} {text}: expected {expected}");
            return null;
        },
    };
}
