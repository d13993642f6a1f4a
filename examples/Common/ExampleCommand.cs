// The command line of an example: options, checks, help, Ctrl-C, and what ends the process with which code.

using System.CommandLine;
using System.Globalization;

namespace TorchScratch.Examples;

/// <summary>
/// A command line with the options that all examples have. An example adds its own, then <see cref="Run"/> parses and
/// runs.
/// </summary>
public sealed class ExampleCommand
{
    private readonly RootCommand _root;
    private readonly Option<string?>? _data;
    private readonly Option<int?>? _epochs;
    private readonly Option<ulong?> _seed;
    private readonly Option<string?>? _resume;
    private readonly Option<int?> _threads;
    private readonly Option<string?>? _output;

    /// <summary>The command line of an example that trains.</summary>
    /// <param name="description">What the example does, in a sentence.</param>
    /// <param name="dataDescription">What --data names.</param>
    /// <param name="epochsDescription">How many epochs there are without --epochs, as in <c>5 if not given</c>.</param>
    /// <param name="outputDefault">The run's folder without --output.</param>
    /// <param name="dataKind">What --data takes, as in <c>FILE</c>.</param>
    public ExampleCommand(string description, string dataDescription, string epochsDescription, string outputDefault,
        string dataKind = "DIR")
    {
        _root = new RootCommand(description);
        _data = Text("--data", dataDescription, dataKind);
        _epochs = Integer("--epochs", $"Passes over the training data; {epochsDescription}", 1, 100_000);
        _seed = Seed("Decides weights and orders; 1 if not given");
        _resume = Text("--resume", "Goes on from a checkpoint; the one in the run's folder if no file is given",
            "FILE");
        _resume.Arity = ArgumentArity.ZeroOrOne;
        _threads = Threads();
        _output = Text("--output",
            $"The run's folder: figures, report, checkpoint; {outputDefault} if not given", "DIR");
    }

    /// <summary>The command line of an example that trains nothing: --seed and --threads alone.</summary>
    /// <param name="description">What the example does, in a sentence.</param>
    /// <param name="seedDescription">What the seed decides.</param>
    public ExampleCommand(string description, string seedDescription)
    {
        _root = new RootCommand(description);
        _seed = Seed(seedDescription);
        _threads = Threads();
    }

    /// <summary>An option that is there or not.</summary>
    public Option<bool> Flag(string name, string description) =>
        Add(new Option<bool>(name) { Description = description });

    /// <summary>An option with any text.</summary>
    public Option<string?> Text(string name, string description, string helpName) =>
        Add(new Option<string?>(name) { Description = description, HelpName = helpName });

    /// <summary>An option with a whole number in a range.</summary>
    public Option<int?> Integer(string name, string description, int least, int most) => Value<int>(name, description,
        string.Create(CultureInfo.InvariantCulture, $"{least}..{most}"), text =>
            int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= least &&
            number <= most ? number : null);

    /// <summary>An option with a number above one bound and up to another.</summary>
    public Option<double?> Number(string name, string description, double above, double most) =>
        Value<double>(name, description,
        string.Create(CultureInfo.InvariantCulture, $"{above}..{most}"), text =>
            double.TryParse(text, CultureInfo.InvariantCulture, out var number) && number > above &&
            number <= most ? number : null);

    /// <summary>An option whose text is checked, for messages that say what was expected.</summary>
    /// <param name="name">As in <c>--model</c>.</param>
    /// <param name="description">For the help.</param>
    /// <param name="expected">What may be given, as in <c>mlp|cnn</c>.</param>
    /// <param name="parse">Makes the value of a text; null for one that will not do.</param>
    public Option<T?> Value<T>(string name, string description, string expected, Func<string, T?> parse)
        where T : struct =>
        Add(new Option<T?>(name)
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
        });

    /// <summary>Parses the arguments and runs, or prints help or errors.</summary>
    /// <param name="args">The arguments.</param>
    /// <param name="run">Runs with the common options, and with what reads the example's own; returns the exit
    /// code.</param>
    /// <returns>The exit code of the process.</returns>
    public int Run(string[] args, Func<ExampleOptions, ParseResult, CancellationToken, int> run)
    {
        ArgumentNullException.ThrowIfNull(run);
        _root.SetAction(parsed => Guarded(parsed, run));
        var result = _root.Parse(args);
        if (result.Errors.Count == 0)
            return result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        foreach (var error in result.Errors)
            Console.Error.WriteLine($"error: {error.Message}");
        Console.Error.WriteLine("`--help` lists the options.");
        return ExitCode.BadArguments;
    }

    private int Guarded(ParseResult parsed, Func<ExampleOptions, ParseResult, CancellationToken, int> run)
    {
        using var interruption = new Interruption();
        try
        {
            var options = new ExampleOptions
            {
                Data = Text(_data),
                Epochs = _epochs is null ? null : parsed.GetValue(_epochs),
                Seed = parsed.GetValue(_seed),
                Resume = _resume is not null && parsed.GetResult(_resume) is not null,
                ResumePath = Text(_resume),
                Threads = parsed.GetValue(_threads),
                Output = Text(_output),
            };
            if (options.Threads is { } threads)
                Runtime.NumThreads = threads;
            return run(options, parsed, interruption.Token);
        }
        catch (OptionConflictException e)
        {
            Console.Error.WriteLine($"error: {e.Message}");
            return ExitCode.BadArguments;
        }
        catch (OperationCanceledException)
        {
            Console.Error.WriteLine("interrupted");
            return ExitCode.Interrupted;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or TorchScratchException ||
            e.GetBaseException() is DllNotFoundException)
        {
            // The native library is loaded by a static constructor, whose errors come wrapped.
            Console.Error.WriteLine($"error: {(e is TorchScratchException ? e : e.GetBaseException()).Message}");
            return ExitCode.Error;
        }

        string? Text(Option<string?>? option) =>
            option is not null && parsed.GetValue(option) is { Length: > 0 } text ? text : null;
    }

    private Option<ulong?> Seed(string description) => Value<ulong>("--seed", description, "0..2^64-1",
        text => ulong.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : null);

    private Option<int?> Threads() => Integer("--threads", "Threads of the kernels; all cores if not given", 1, 1024);

    private TOption Add<TOption>(TOption option) where TOption : Option
    {
        _root.Options.Add(option);
        return option;
    }
}
