// What a run is: options that must not change when it goes on, and the fold that it has come to.

namespace TorchScratch.Examples.BreastCancer;

/// <summary>A run's options and its place, as its checkpoint keeps them.</summary>
/// <param name="Epochs">Passes over the training rows of each fold.</param>
/// <param name="Seed">Decides folds, weights and orders.</param>
/// <param name="Rows">Rows of the table.</param>
/// <param name="Fold">The fold, from 0; those before it are done.</param>
internal sealed record RunPlan(int Epochs, ulong Seed, int Rows, int Fold)
{
    public static RunPlan New(ExampleOptions options, int rows) =>
        new(options.Epochs ?? 25, options.Seed ?? 1, rows, 0);

    /// <summary>The plan in a checkpoint.</summary>
    /// <exception cref="TensorIOException">It is not one of this program.</exception>
    public static RunPlan Read(string path)
    {
        var saved = SavedOptions.Read(path);
        return new(saved.Number("epochs", 1, int.MaxValue), saved.Number("seed", ulong.MinValue, ulong.MaxValue),
            saved.Number("rows", 0, int.MaxValue), saved.Number("fold", 1, CrossValidation.Folds) - 1);
    }

    /// <summary>Throws if an option, or the table, is of another run: it would be silently ignored.</summary>
    public void Check(ExampleOptions options, int rows)
    {
        SavedOptions.Check("--epochs", options.Epochs, Epochs);
        SavedOptions.Check("--seed", options.Seed, Seed);
        if (rows != Rows)
            throw new OptionConflictException($"the checkpoint is of a run over {Rows} rows, these are {rows}");
    }

    /// <summary>The plan as texts, with folds counted from 1.</summary>
    public Dictionary<string, string> ToTexts() => new()
    {
        ["epochs"] = SavedOptions.Text(Epochs),
        ["seed"] = SavedOptions.Text(Seed),
        ["rows"] = SavedOptions.Text(Rows),
        ["fold"] = SavedOptions.Text(Fold + 1),
    };
}
