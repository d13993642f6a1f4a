// The program of a managed fuzzer: parent, child or replay.

namespace TorchScratch.Fuzz;

/// <summary>Runs a fuzzer as its command line says.</summary>
public static class FuzzProgram
{
    /// <summary>The exit code: 0 without findings, 1 with findings, 2 for a wrong command line.</summary>
    /// <param name="arguments">The command line.</param>
    /// <param name="create">Makes the fuzzer over the subjects whose name contains a text.</param>
    public static int Main(string[] arguments, Func<string, IFuzzer> create)
    {
        ArgumentNullException.ThrowIfNull(create);
        if (FuzzOptions.Parse(arguments) is not { } options)
            return 2;
        if (options.List)
        {
            Console.WriteLine(create(options.Only).Describe());
            return 0;
        }
        if (options.IsChild)
            return Child.Run(create(options.Only), options.Seed);
        if (options.Replay is { } seed)
            return Replay(create(options.Only), seed);
        return new Parent(options).Run();
    }

    private static int Replay(IFuzzer fuzzer, ulong seed)
    {
        Sandbox.Enter();
        var fuzzCase = fuzzer.Make(seed);
        Console.WriteLine($"{seed}: {fuzzCase.Subject}\n{fuzzCase.Text}");
        var finding = fuzzCase.Run();
        Console.WriteLine(finding is null ? "as it should be" : $"{finding.Kind}: {finding.Message}");
        return finding is null ? 0 : 1;
    }
}
