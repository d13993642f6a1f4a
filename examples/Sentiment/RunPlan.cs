// What a run is: options that must not change when it goes on.

using System.Globalization;
using TorchScratch.Training;

namespace TorchScratch.Examples.Sentiment;

/// <summary>A run's options, as its checkpoint keeps them.</summary>
/// <param name="Epochs">Passes over the sentences.</param>
/// <param name="Seed">Decides sentences, weights and orders.</param>
/// <param name="Data">The file of sentences; empty for generated ones.</param>
internal sealed record RunPlan(int Epochs, ulong Seed, string Data)
{
    private const string Kind = "sentiment";

    public static RunPlan New(ExampleOptions options) => new(options.Epochs ?? 12, options.Seed ?? 1, FullPath(options.Data));

    /// <summary>The plan in a checkpoint.</summary>
    /// <exception cref="TensorIOException">It is not one of this program.</exception>
    public static RunPlan Read(string path)
    {
        var (_, texts) = TrainingCheckpoint.Inspect(path);
        return texts.GetValueOrDefault("example") == Kind &&
            int.TryParse(texts.GetValueOrDefault("epochs"), CultureInfo.InvariantCulture, out var epochs) && epochs > 0 &&
            ulong.TryParse(texts.GetValueOrDefault("seed"), CultureInfo.InvariantCulture, out var seed)
            ? new(epochs, seed, texts.GetValueOrDefault("data", ""))
            : throw new TensorIOException($"{path}: not a checkpoint of this program");
    }

    /// <summary>Throws if an option is of another run: it would be silently ignored.</summary>
    public void Check(ExampleOptions options)
    {
        Check("--epochs", options.Epochs ?? Epochs, Epochs);
        Check("--seed", options.Seed ?? Seed, Seed);
        if (options.Data is not null)
            Check("--data", FullPath(options.Data), Data.Length == 0 ? "generated sentences" : Data);

        static void Check<T>(string name, T given, T planned) where T : IEquatable<T>
        {
            if (!given.Equals(planned))
                throw new OptionConflictException($"{name} {given}: the checkpoint is of a run with {planned}");
        }
    }

    /// <summary>The plan as texts.</summary>
    public Dictionary<string, string> ToTexts() => new()
    {
        ["example"] = Kind,
        ["epochs"] = Epochs.ToString(CultureInfo.InvariantCulture),
        ["seed"] = Seed.ToString(CultureInfo.InvariantCulture),
        ["data"] = Data,
    };

    private static string FullPath(string? path) => path is null ? "" : Path.GetFullPath(path);
}
