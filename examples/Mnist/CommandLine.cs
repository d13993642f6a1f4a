// The command line: its options, their checks and their help.

using System.CommandLine;

namespace TorchScratch.Examples.MnistTraining;

internal static class CommandLine
{
    /// <summary>Parses the arguments and runs, or prints help or errors; returns the exit code.</summary>
    public static int Parse(string[] args, Func<Options, int> run)
    {
        var data = new Option<string?>("--data") { Description = "Folder with the four IDX files", HelpName = "DIR" };
        var model = new Option<ModelKind?>("--model") { Description = "mlp (784-256-128-32-10) or cnn; mlp if not given" };
        var epochs = Number<int?>("--epochs", "Passes over the training images; 3 for mlp, 2 for cnn", value => value is >= 1 and <= 10_000, "1 to 10000");
        var batchSize = Number<int?>("--batch-size", "Images in a step; 64 if not given", value => value is >= 1 and <= 60_000, "1 to 60000");
        var learningRate = Number<double?>("--learning-rate", "Adam's first step size; it falls to 0 over the run", value => value is > 0 and <= 1, "above 0, at most 1");
        var seed = new Option<ulong?>("--seed") { Description = "Decides weights and orders; 1 if not given" };
        var save = new Option<string?>("--save") { Description = "Where the model goes; mnist-<model>.safetensors if not given", HelpName = "FILE" };
        var resume = new Option<string?>("--resume")
        {
            Description = "Goes on from the checkpoint that Ctrl-C left",
            HelpName = "FILE",
            Arity = ArgumentArity.ZeroOrOne,
        };
        var threads = Number<int?>("--threads", "Threads of the kernels; all cores if not given", value => value is >= 1 and <= 1024, "1 to 1024");
        var noScope = new Option<bool>("--no-scope") { Description = "Leaves freeing tensors to the garbage collector" };

        var root = new RootCommand("Trains a network that reads handwritten digits.")
        {
            data, model, epochs, batchSize, learningRate, seed, save, resume, threads, noScope,
        };
        root.SetAction(parsed => run(new Options
        {
            DataDirectory = parsed.GetValue(data),
            Model = parsed.GetValue(model),
            Epochs = parsed.GetValue(epochs),
            BatchSize = parsed.GetValue(batchSize),
            LearningRate = parsed.GetValue(learningRate),
            Seed = parsed.GetValue(seed),
            SavePath = parsed.GetValue(save),
            Resume = parsed.GetResult(resume) is not null,
            ResumePath = parsed.GetValue(resume),
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

    private static Option<T> Number<T>(string name, string description, Func<T?, bool> isValid, string range)
    {
        var option = new Option<T>(name) { Description = $"{description} ({range})", HelpName = "N" };
        option.Validators.Add(result =>
        {
            if (result.Tokens.Count == 1 && !isValid(result.GetValueOrDefault<T>()))
                result.AddError($"{name} {result.Tokens[0].Value}: expected {range}");
        });
        return option;
    }
}
