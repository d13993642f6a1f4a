// What a run is: options that must not change when it goes on, and the fold that it has come to.

using System.Globalization;
using TorchScratch.Training;

namespace TorchScratch.Examples.BreastCancer;

/// <summary>A run's options and its place, as its checkpoint keeps them.</summary>
/// <param name="Epochs">Passes over the training rows of each fold.</param>
/// <param name="Seed">Decides folds, weights and orders.</param>
/// <param name="Rows">Rows of the table.</param>
/// <param name="Fold">The fold, from 0; those before it are done.</param>
internal sealed record RunPlan(int Epochs, ulong Seed, int Rows, int Fold)
{
    private const string Kind = "breast cancer";

    public static RunPlan New(ExampleOptions options, int rows) => new(options.Epochs ?? 25, options.Seed ?? 1, rows, 0);

    /// <summary>The plan in a checkpoint.</summary>
    /// <exception cref="TensorIOException">It is not one of this program.</exception>
    public static RunPlan Read(string path)
    {
        var (_, texts) = TrainingCheckpoint.Inspect(path);
        if (texts.GetValueOrDefault("example") == Kind && Number<int>("epochs") is > 0 and var epochs &&
            Number<ulong>("seed") is { } seed && Number<int>("rows") is { } rows &&
            Number<int>("fold") is >= 1 and <= CrossValidation.Folds and var fold)
        {
            return new(epochs, seed, rows, fold - 1);
        }
        throw new TensorIOException($"{path}: not a checkpoint of this program");

        T? Number<T>(string key) where T : struct, ISpanParsable<T> =>
            T.TryParse(texts.GetValueOrDefault(key), CultureInfo.InvariantCulture, out var value) ? value : null;
    }

    /// <summary>Throws if an option, or the table, is of another run: it would be silently ignored.</summary>
    public void Check(ExampleOptions options, int rows)
    {
        Check("--epochs", options.Epochs, Epochs);
        Check("--seed", options.Seed, Seed);
        if (rows != Rows)
            throw new OptionConflictException($"the checkpoint is of a run over {Rows} rows, these are {rows}");

        static void Check<T>(string name, T? given, T planned) where T : struct
        {
            if (given is { } value && !value.Equals(planned))
                throw new OptionConflictException($"{name} {value}: the checkpoint is of a run with {planned}");
        }
    }

    /// <summary>The plan as texts, with folds counted from 1.</summary>
    public Dictionary<string, string> ToTexts() => new()
    {
        ["example"] = Kind,
        ["epochs"] = Text(Epochs),
        ["seed"] = Text(Seed),
        ["rows"] = Text(Rows),
        ["fold"] = Text(Fold + 1),
    };

    private static string Text<T>(T value) where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);
}
