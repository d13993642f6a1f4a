// What a run is: options that must not change when it goes on.

namespace TorchScratch.Examples.Sentiment;

/// <summary>A run's options, as its checkpoint keeps them.</summary>
/// <param name="Epochs">Passes over the sentences.</param>
/// <param name="Seed">Decides sentences, weights and orders.</param>
/// <param name="Data">The file of sentences; empty for generated ones.</param>
internal sealed record RunPlan(int Epochs, ulong Seed, string Data)
{
    public static RunPlan New(ExampleOptions options) =>
        new(options.Epochs ?? 12, options.Seed ?? 1, FullPath(options.Data));

    /// <summary>The plan in a checkpoint.</summary>
    /// <exception cref="TensorIOException">It is not one of this program.</exception>
    public static RunPlan Read(string path)
    {
        var saved = SavedOptions.Read(path);
        return new(saved.Number("epochs", 1, int.MaxValue), saved.Number("seed", ulong.MinValue, ulong.MaxValue),
            saved.Text("sentences"));
    }

    /// <summary>Throws if an option is of another run: it would be silently ignored.</summary>
    public void Check(ExampleOptions options)
    {
        SavedOptions.Check("--epochs", options.Epochs, Epochs);
        SavedOptions.Check("--seed", options.Seed, Seed);
        if (options.Data is { } given && FullPath(given) != Data)
        {
            throw new OptionConflictException($"--data {given}: the checkpoint is of a run with " +
                (Data.Length == 0 ? "generated sentences" : Data));
        }
    }

    /// <summary>The plan as texts.</summary>
    public Dictionary<string, string> ToTexts() => new()
    {
        ["epochs"] = SavedOptions.Text(Epochs),
        ["seed"] = SavedOptions.Text(Seed),
        ["sentences"] = Data,
    };

    private static string FullPath(string? path) => path is null ? "" : Path.GetFullPath(path);
}
