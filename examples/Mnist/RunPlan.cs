// What a run is: options that must not change when it goes on.

namespace TorchScratch.Examples.MnistTraining;

/// <summary>This example's own options; null where nothing was given.</summary>
internal sealed record DigitOptions(ModelKind? Model, int? BatchSize, double? LearningRate, string? SavePath,
    bool UseScope);

/// <summary>A run's options, as its checkpoint keeps them.</summary>
internal sealed record RunPlan(ModelKind Model, int Epochs, int BatchSize, double LearningRate, ulong Seed,
    int TrainingImages)
{
    public static RunPlan New(ExampleOptions options, DigitOptions digits, int images)
    {
        var model = digits.Model ?? ModelKind.Mlp;
        return new(model, options.Epochs ?? 5, digits.BatchSize ?? 64,
            digits.LearningRate ?? Networks.DefaultLearningRate(model), options.Seed ?? 1, images);
    }

    /// <summary>The plan in a checkpoint.</summary>
    /// <exception cref="TensorIOException">It is not one of this program.</exception>
    public static RunPlan Read(string path)
    {
        var saved = SavedOptions.Read(path);
        return new(saved.Value("model", Networks.Parse), saved.Number("epochs", 1, int.MaxValue),
            saved.Number("batch size", 1, int.MaxValue), saved.Number("learning rate", double.Epsilon, 1),
            saved.Number("seed", ulong.MinValue, ulong.MaxValue), saved.Number("training images", 0, int.MaxValue));
    }

    /// <summary>Throws if an option, or the data, is of another run: it would be silently ignored.</summary>
    public void Check(ExampleOptions options, DigitOptions digits, int images)
    {
        SavedOptions.Check("--model", digits.Model, Model);
        SavedOptions.Check("--epochs", options.Epochs, Epochs);
        SavedOptions.Check("--batch-size", digits.BatchSize, BatchSize);
        SavedOptions.Check("--learning-rate", digits.LearningRate, LearningRate);
        SavedOptions.Check("--seed", options.Seed, Seed);
        if (images != TrainingImages)
            throw new OptionConflictException(
                $"the checkpoint is of a run over {TrainingImages} images, these are {images}");
    }

    /// <summary>The plan as texts.</summary>
    public Dictionary<string, string> ToTexts() => new()
    {
        ["model"] = Networks.Name(Model),
        ["epochs"] = SavedOptions.Text(Epochs),
        ["batch size"] = SavedOptions.Text(BatchSize),
        ["learning rate"] = SavedOptions.Text(LearningRate),
        ["seed"] = SavedOptions.Text(Seed),
        ["training images"] = SavedOptions.Text(TrainingImages),
    };
}
