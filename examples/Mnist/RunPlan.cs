// What a run is: options that must not change when it goes on.

using System.Globalization;
using TorchScratch.Training;

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
        var (_, texts) = TrainingCheckpoint.Inspect(path);
        if (Enum.TryParse<ModelKind>(texts.GetValueOrDefault("model"), ignoreCase: true, out var model) &&
            Enum.IsDefined(model) &&
            Number<int>("epochs") is > 0 and var epochs && Number<int>("batch size") is > 0 and var batchSize &&
            Number<double>("learning rate") is > 0 and <= 1 and var rate)
        {
            return new(model, epochs, batchSize, rate, Number<ulong>("seed"), Number<int>("training images"));
        }
        throw new TensorIOException($"{path}: not a checkpoint of this program");

        T Number<T>(string key) where T : struct, ISpanParsable<T> =>
            T.TryParse(texts.GetValueOrDefault(key), CultureInfo.InvariantCulture, out var value) ? value : default;
    }

    /// <summary>Throws if an option, or the data, is of another run: it would be silently ignored.</summary>
    public void Check(ExampleOptions options, DigitOptions digits, int images)
    {
        Check("--model", digits.Model, Model);
        Check("--epochs", options.Epochs, Epochs);
        Check("--batch-size", digits.BatchSize, BatchSize);
        Check("--learning-rate", digits.LearningRate, LearningRate);
        Check("--seed", options.Seed, Seed);
        if (images != TrainingImages)
            throw new OptionConflictException(
                $"the checkpoint is of a run over {TrainingImages} images, these are {images}");

        static void Check<T>(string name, T? given, T planned) where T : struct
        {
            if (given is { } value && !value.Equals(planned))
                throw new OptionConflictException($"{name} {value}: the checkpoint is of a run with {planned}");
        }
    }

    /// <summary>The plan as texts.</summary>
    public Dictionary<string, string> ToTexts() => new()
    {
        ["model"] = Networks.Name(Model),
        ["epochs"] = Text(Epochs),
        ["batch size"] = Text(BatchSize),
        ["learning rate"] = Text(LearningRate),
        ["seed"] = Text(Seed),
        ["training images"] = Text(TrainingImages),
    };

    private static string Text<T>(T value) where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);
}
