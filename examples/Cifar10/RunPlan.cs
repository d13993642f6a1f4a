// What a run is: options that must not change when it goes on.

namespace TorchScratch.Examples.CifarTraining;

/// <summary>This example's own options; null where nothing was given.</summary>
internal sealed record CifarOptions
{
    public ModelKind? Model { get; init; }

    public ImageSet? Set { get; init; }

    public int? Images { get; init; }

    public int? BatchSize { get; init; }

    public double? LearningRate { get; init; }

    public string? SavePath { get; init; }
}

/// <summary>A run's options, as its checkpoint keeps them.</summary>
internal sealed record RunPlan(ModelKind Model, ImageSet Set, int Images, int Epochs, int BatchSize,
    double LearningRate, ulong Seed)
{
    public static RunPlan New(ExampleOptions options, CifarOptions own, CifarData data) => new(
        own.Model ?? ModelKind.Cnn, data.Set, Math.Min(own.Images ?? data.Train.Count, data.Train.Count),
        options.Epochs ?? Networks.DefaultEpochs, own.BatchSize ?? 128, own.LearningRate ?? 0.1, options.Seed ?? 1);

    /// <summary>The plan in a checkpoint.</summary>
    /// <exception cref="TensorIOException">It is not one of this program.</exception>
    public static RunPlan Read(string path)
    {
        var saved = SavedOptions.Read(path);
        return new(saved.Value("model", Networks.Parse), saved.Value("data", CifarData.Parse),
            saved.Number("training images", 1, int.MaxValue), saved.Number("epochs", 1, int.MaxValue),
            saved.Number("batch size", 1, int.MaxValue), saved.Number("learning rate", double.Epsilon, 1),
            saved.Number("seed", ulong.MinValue, ulong.MaxValue));
    }

    /// <summary>Throws if an option is of another run: it would be silently ignored.</summary>
    public void Check(ExampleOptions options, CifarOptions own)
    {
        SavedOptions.Check("--model", own.Model, Model);
        if (own.Set is { } set && set != Set)
        {
            throw new OptionConflictException(
                $"the checkpoint is of a run over {CifarData.Name(Set)}, not {CifarData.Name(set)}");
        }
        SavedOptions.Check("--images", own.Images, Images);
        SavedOptions.Check("--epochs", options.Epochs, Epochs);
        SavedOptions.Check("--batch-size", own.BatchSize, BatchSize);
        SavedOptions.Check("--learning-rate", own.LearningRate, LearningRate);
        SavedOptions.Check("--seed", options.Seed, Seed);
    }

    /// <summary>Throws if there are fewer images than the run began with.</summary>
    public void Check(CifarData data)
    {
        if (data.Train.Count < Images)
        {
            throw new OptionConflictException(
                $"the checkpoint is of a run over {Images} images, these are {data.Train.Count}");
        }
    }

    /// <summary>The plan as texts.</summary>
    public Dictionary<string, string> ToTexts() => new()
    {
        ["model"] = Networks.Name(Model),
        ["data"] = CifarData.Name(Set),
        ["training images"] = SavedOptions.Text(Images),
        ["epochs"] = SavedOptions.Text(Epochs),
        ["batch size"] = SavedOptions.Text(BatchSize),
        ["learning rate"] = SavedOptions.Text(LearningRate),
        ["seed"] = SavedOptions.Text(Seed),
    };
}
