// The command line of an example: parsing, help, Ctrl-C, and the exit code of the process.

using System.CommandLine;

namespace TorchScratch.Examples;

/// <summary>Parses the arguments of an example and runs it.</summary>
public static class ExampleCommand
{
    /// <summary>Parses the arguments and runs the program, or prints help or errors.</summary>
    /// <param name="description">What the example does, in a sentence.</param>
    /// <param name="table">The options.</param>
    /// <param name="args">The arguments.</param>
    /// <param name="run">The program; returns the exit code.</param>
    /// <returns>The exit code of the process.</returns>
    public static int Run(string description, OptionTable table, string[] args,
        Func<GivenOptions, CancellationToken, int> run)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(run);
        var root = new RootCommand(description);
        var parts = table.Options.Where(option => option.Flag is not null)
            .Select(option => (Option: option, Parsed: Parsed(option))).ToArray();
        foreach (var (_, parsed) in parts)
            root.Options.Add(parsed);
        root.SetAction(result => Guarded(Read(result, parts), table, run));

        var result = root.Parse(args);
        if (result.Errors.Count == 0)
            return result.Invoke(new InvocationConfiguration { EnableDefaultExceptionHandler = false });
        foreach (var error in result.Errors)
            Console.Error.WriteLine($"error: {error.Message}");
        Console.Error.WriteLine("`--help` lists the options.");
        return ExitCode.BadArguments;
    }

    private static Option Parsed(RunOption option) =>
        option is RunOption<bool> ? Switch(option) : Valued(option);

    private static Option<bool> Switch(RunOption option) => new(option.Flag!) { Description = option.Help };

    private static Option<string?> Valued(RunOption option)
    {
        var parsed = new Option<string?>(option.Flag!)
        {
            Description = option.Help,
            HelpName = option.Expected,
            Arity = option.IsValueOptional ? ArgumentArity.ZeroOrOne : ArgumentArity.ExactlyOne,
        };
        parsed.Validators.Add(result =>
        {
            if (result.Tokens is [var token] && !option.Accepts(token.Value))
                result.AddError($"{option.Flag} {token.Value}: expected {option.Expected}");
        });
        return parsed;
    }

    private static GivenOptions Read(ParseResult result, (RunOption Option, Option Parsed)[] parts)
    {
        var given = new GivenOptions();
        foreach (var (option, parsed) in parts)
        {
            if (parsed is Option<bool> flag)
            {
                if (result.GetValue(flag))
                    given.Add(option, "true");
            }
            else if (result.GetResult(parsed) is { } found)
            {
                var text = found.Tokens is [var token] ? token.Value : "";
                if (text.Length > 0 || option.IsValueOptional)
                    given.Add(option, text);
            }
        }
        return given;
    }

    private static int Guarded(GivenOptions given, OptionTable table, Func<GivenOptions, CancellationToken, int> run)
    {
        using var interruption = new Interruption();
        try
        {
            if (table.ThreadCount is { } option && given.TryGet(option, out var threads))
                Runtime.NumThreads = threads;
            using var scope = table.WhereToRun is { } choice && given.TryGet(choice, out var device)
                ? Device.Use(device)
                : default;
            return run(given, interruption.Token);
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
            // The native library is loaded by a static constructor, which wraps its exceptions.
            Console.Error.WriteLine($"error: {(e is TorchScratchException ? e : e.GetBaseException()).Message}");
            return ExitCode.Error;
        }
    }
}
