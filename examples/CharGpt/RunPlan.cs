// What a run is: options that must not change when it goes on.

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
        var saved = SavedOptions.Read(path);
        return new(saved.Number("block", 1, int.MaxValue), saved.Number("batch size", 1, int.MaxValue),
            saved.Number("learning rate", double.Epsilon, 1), saved.Number("epochs", 1, int.MaxValue),
            saved.Number("seed", ulong.MinValue, ulong.MaxValue), saved.Text("characters"));
    }

    /// <summary>Throws if an option, or the text, is of another run: it would be silently ignored.</summary>
    public void Check(ExampleOptions options, GptOptions own, string characters)
    {
        SavedOptions.Check("--block", own.Block, Block);
        SavedOptions.Check("--batch-size", own.BatchSize, BatchSize);
        SavedOptions.Check("--learning-rate", own.LearningRate, LearningRate);
        SavedOptions.Check("--epochs", options.Epochs, Epochs);
        SavedOptions.Check("--seed", options.Seed, Seed);
        if (characters != Characters)
            throw new OptionConflictException("the checkpoint is of a run over a text with other characters");
    }

    /// <summary>For a checkpoint.</summary>
    public Dictionary<string, string> ToTexts() => new()
    {
        ["block"] = SavedOptions.Text(Block),
        ["batch size"] = SavedOptions.Text(BatchSize),
        ["learning rate"] = SavedOptions.Text(LearningRate),
        ["epochs"] = SavedOptions.Text(Epochs),
        ["seed"] = SavedOptions.Text(Seed),
        ["characters"] = Characters,
    };
}
