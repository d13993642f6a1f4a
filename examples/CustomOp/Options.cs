// The command line.

using System.CommandLine;

namespace TorchScratch.Examples.CustomOp;

/// <summary>What the user chose.</summary>
internal sealed record Options(double Beta, int Size, int Repeats, ulong Seed, int? Threads, string? Trace)
{
    /// <summary>
    /// Parses the arguments and runs, or prints help or errors; returns the exit code: 2 for bad arguments.
    /// </summary>
    public static int Parse(string[] args, Func<Options, int> run)
    {
        var beta = new Option<double>("--beta")
        {
            Description = "The operator's parameter",
            DefaultValueFactory = _ => 1.5,
        };
        var size = Number("--size", "Elements of the tensors that are timed", 1 << 20, 1, 1 << 28);
        var repeats = Number("--repeats", "Calls timed; the median counts", 15, 1, 10_000);
        var seed = new Option<ulong>("--seed") { Description = "Decides the numbers", DefaultValueFactory = _ => 1 };
        var threads = Number("--threads", "Threads of the kernels; 0 for all cores", 0, 0, 1024);
        var trace = new Option<string?>("--trace")
        {
            Description = "Writes a trace of the timed calls for ui.perfetto.dev",
            HelpName = "FILE",
        };
        var root = new RootCommand("An operator of one's own: in C#, and as a C++ plugin.")
        {
            beta, size, repeats, seed, threads, trace,
        };
        root.SetAction(parsed => run(new(parsed.GetValue(beta), parsed.GetValue(size), parsed.GetValue(repeats),
            parsed.GetValue(seed), parsed.GetValue(threads) is > 0 and var count ? count : null,
            parsed.GetValue(trace))));
        var result = root.Parse(args);
        if (result.Errors.Count == 0)
            return result.Invoke();
        foreach (var error in result.Errors)
            Console.Error.WriteLine($"error: {error.Message}");
        Console.Error.WriteLine("`--help` lists the options.");
        return 2;
    }

    private static Option<int> Number(string name, string description, int initial, int least, int most)
    {
        var option = new Option<int>(name) { Description = description, DefaultValueFactory = _ => initial };
        option.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is var value && (value < least || value > most))
                result.AddError($"{name} {value}: expected {least} to {most}");
        });
        return option;
    }
}
