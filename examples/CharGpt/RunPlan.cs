// What a run is: options that must not change when it goes on.

using System.Globalization;
using TorchScratch.Training;

namespace TorchScratch.Examples.CharacterGpt;

/// <summary>This example's own options; null where nothing was given.</summary>
internal sealed record GptOptions(int? Block, int? BatchSize, double? LearningRate, string? Prompt, int? SampleLength,
    double? Temperature);

/// <summary>A run's options, as its checkpoint keeps them.</summary>
internal sealed record RunPlan(int Block, int BatchSize, double LearningRate, int Epochs, ulong Seed, string Characters)
{
    public static RunPlan New(ExampleOptions options, GptOptions own, string characters) => new(own.Block ?? 128,
        own.BatchSize ?? 16, own.LearningRate ?? 1e-3, options.Epochs ?? 10, options.Seed ?? 1, characters);

    /// <summary>The plan in a checkpoint.</summary>
    /// <exception cref="TensorIOException">It is not one of this program.</exception>
    public static RunPlan Read(string path)
    {
        var (_, texts) = TrainingCheckpoint.Inspect(path);
        if (texts.TryGetValue("characters", out var characters) && Number<int>("block") is > 0 and var block &&
            Number<int>("batch size") is > 0 and var batchSize && Number<double>("learning rate") is > 0 and <= 1 and var rate &&
            Number<int>("epochs") is > 0 and var epochs)
        {
            return new(block, batchSize, rate, epochs, Number<ulong>("seed"), characters);
        }
        throw new TensorIOException($"{path}: not a checkpoint of this program");

        T Number<T>(string key) where T : struct, ISpanParsable<T> =>
            T.TryParse(texts.GetValueOrDefault(key), CultureInfo.InvariantCulture, out var value) ? value : default;
    }

    /// <summary>Throws if an option, or the text, is of another run: it would be silently ignored.</summary>
    public void Check(ExampleOptions options, GptOptions own, string characters)
    {
        Check("--block", own.Block, Block);
        Check("--batch-size", own.BatchSize, BatchSize);
        Check("--learning-rate", own.LearningRate, LearningRate);
        Check("--epochs", options.Epochs, Epochs);
        Check("--seed", options.Seed, Seed);
        if (characters != Characters)
            throw new OptionConflictException("the checkpoint is of a run over a text with other characters");

        static void Check<T>(string name, T? given, T planned) where T : struct
        {
            if (given is { } value && !value.Equals(planned))
                throw new OptionConflictException($"{name} {value}: the checkpoint is of a run with {planned}");
        }
    }

    /// <summary>For a checkpoint.</summary>
    public Dictionary<string, string> ToTexts() => new()
    {
        ["block"] = Text(Block),
        ["batch size"] = Text(BatchSize),
        ["learning rate"] = Text(LearningRate),
        ["epochs"] = Text(Epochs),
        ["seed"] = Text(Seed),
        ["characters"] = Characters,
    };

    private static string Text<T>(T value) where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);
}
