// The command line: its options, their checks and their help.

using System.CommandLine;
using System.Globalization;

namespace TorchScratch.Examples.MnistTraining;

internal static class CommandLine
{
    /// <summary>Parses the arguments and runs, or prints help or errors; returns the exit code.</summary>
    public static int Parse(string[] args, Func<Options, int> run)
    {
        var data = new Option<string?>("--data") { Description = "Folder with the four IDX files", HelpName = "DIR" };
        var model = Value("--model", "784-256-128-32-10 or a convolutional one; mlp if not given", "mlp|cnn", text => text switch
        {
            "mlp" => ModelKind.Mlp,
            "cnn" => ModelKind.Cnn,
            _ => (ModelKind?)null,
        });
        var epochs = Value("--epochs", "Passes over the training images; 3 for mlp, 2 for cnn", "1..10000", text => Integer(text, 10_000));
        var batchSize = Value("--batch-size", "Images in a step; 64 if not given", "1..60000", text => Integer(text, 60_000));
        var learningRate = Value("--learning-rate",
            "Adam's first step size, which falls to 0 over the run; 0.001 for mlp, 0.003 for cnn", "0..1",
            text => double.TryParse(text, CultureInfo.InvariantCulture, out var rate) && rate is > 0 and <= 1 ? rate : (double?)null);
        var seed = Value("--seed", "Decides weights and orders; 1 if not given", "0..2^64-1",
            text => ulong.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : (ulong?)null);
        var save = new Option<string?>("--save")
        {
            Description = "Where the model goes; mnist-<model>.safetensors if not given",
            HelpName = "FILE",
        };
        var resume = new Option<string?>("--resume")
        {
            Description = "Goes on from the checkpoint that Ctrl-C left",
            HelpName = "FILE",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var threads = Value("--threads", "Threads of the kernels; all cores if not given", "1..1024", text => Integer(text, 1024));
        var noScope = new Option<bool>("--no-scope") { Description = "Leaves freeing tensors to the garbage collector" };

        var root = new RootCommand("Trains a network that reads handwritten digits.")
        {
            data, model, epochs, batchSize, learningRate, seed, save, resume, threads, noScope,
        };
        root.SetAction(parsed => run(new Options
        {
            DataDirectory = NotEmpty(parsed.GetValue(data)),
            Model = parsed.GetValue(model),
            Epochs = parsed.GetValue(epochs),
            BatchSize = parsed.GetValue(batchSize),
            LearningRate = parsed.GetValue(learningRate),
            Seed = parsed.GetValue(seed),
            SavePath = NotEmpty(parsed.GetValue(save)),
            Resume = parsed.GetResult(resume) is not null,
            ResumePath = NotEmpty(parsed.GetValue(resume)),
            Threads = parsed.GetValue(threads),
            UseScope = !parsed.GetValue(noScope),
        }));
        var result = root.Parse(args);
        if (result.Errors.Count == 0)
            return result.Invoke();
        foreach (var error in result.Errors)
            Console.Error.WriteLine($"error: {error.Message}");
        Console.Error.WriteLine("`--help` lists the options.");
        return ExitCode.BadArguments;
    }

    // An option whose text is checked here, for messages that say what was expected.
    private static Option<T?> Value<T>(string name, string description, string expected, Func<string, T?> parse) where T : struct =>
        new(name)
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

    private static string? NotEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    private static int? Integer(string text, int most) =>
        int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number >= 1 && number <= most ? number : null;
}
