// The folder of the fixtures and the output file: from the command line, the environment, or else tests/golden.

namespace TorchScratch.Conformance;

internal sealed record Settings(string Directory, string? JsonPath, string? Operator, bool Verbose, string Device)
{
    public const string Usage = """
        usage: conformance [DIR] [--device DEVICE] [--operator NAME] [--json FILE] [--verbose]

          DIR         holds <operator>.json and <operator>.safetensors; or modules, optimizers, schedulers and runs.json;
                      or both in ops/ and training/. Default: TORCHSCRATCH_CONFORMANCE, then tests/golden
          --device    where the tensors are: cpu (default), cuda or cuda:1
          --operator  runs one operator, or one file of training fixtures
          --json      writes the results to FILE; default TORCHSCRATCH_CONFORMANCE_JSON
          --verbose   prints each operator before it runs, and all operators and failures at the end
        """;

    private const string DirectoryVariable = "TORCHSCRATCH_CONFORMANCE";
    private const string JsonVariable = "TORCHSCRATCH_CONFORMANCE_JSON";

    /// <summary>Reads the command line; null if it is invalid.</summary>
    public static Settings? Parse(ReadOnlySpan<string> arguments)
    {
        var settings = new Settings(Given(DirectoryVariable) ?? GoldenDirectory(), Given(JsonVariable), null, false, "cpu");
        while (!arguments.IsEmpty)
        {
            (settings, var used) = arguments switch
            {
                ["--verbose", ..] => (settings with { Verbose = true }, 1),
                ["--json", var path, ..] => (settings with { JsonPath = path }, 2),
                ["--device", var device, ..] => (settings with { Device = device }, 2),
                ["--operator", var name, ..] => (settings with { Operator = name }, 2),
                [var directory, ..] when !directory.StartsWith('-') => (settings with { Directory = directory }, 1),
                _ => (null!, 0),
            };
            if (used == 0)
                return null;
            arguments = arguments[used..];
        }
        return settings;
    }

    private static string? Given(string variable) =>
        Environment.GetEnvironmentVariable(variable) is { Length: > 0 } value ? value : null;

    // In the checkout in which the program was built, above its folder.
    private static string GoldenDirectory()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var golden = Path.Combine(folder.FullName, "tests", "golden");
            if (System.IO.Directory.Exists(golden))
                return golden;
        }
        return Path.Combine("tests", "golden");
    }
}
