// The folds that are done, in a file, for a run that was interrupted.

using System.Globalization;
using TorchScratch.IO;

namespace TorchScratch.Examples.BreastCancer;

/// <summary>
/// The scores of the rows tested so far. A fold depends on nothing but the seed and its number, so a resumed run ends as one
/// that was never interrupted.
/// </summary>
internal sealed class Progress
{
    public const string Path = "breast-cancer.checkpoint.safetensors";
    private const string Format = "torchscratch-breast-cancer-1";

    /// <summary>The probability of class 0 for each row; NaN where it was not tested yet.</summary>
    public required float[] Scores { get; init; }

    public int FoldsDone { get; set; }

    public void Save(Options options)
    {
        using var scores = Tensor.FromArray(Scores);
        SafeTensors.Save(Path, new Dictionary<string, Tensor> { ["scores"] = scores }, new Dictionary<string, string>
        {
            ["format"] = Format,
            ["folds_done"] = FoldsDone.ToString(CultureInfo.InvariantCulture),
            ["run"] = Describe(options),
        });
    }

    /// <exception cref="TensorIOException">The file is missing, damaged or of a run with other options.</exception>
    public static Progress Load(Options options, int rows, int folds)
    {
        var tensors = SafeTensors.Load(Path, out var metadata);
        if (metadata.GetValueOrDefault("format") != Format || !tensors.TryGetValue("scores", out var scores) ||
            !scores.Shape.SequenceEqual([rows]) || scores.DType != DType.Float32 ||
            !int.TryParse(metadata.GetValueOrDefault("folds_done"), CultureInfo.InvariantCulture, out var done) ||
            done < 0 || done > folds)
        {
            throw new TensorIOException($"{Path}: not a checkpoint of this program for these data");
        }
        if (metadata.GetValueOrDefault("run") != Describe(options))
            throw new TensorIOException($"{Path}: is of a run with {metadata.GetValueOrDefault("run")}; give the same options");
        return new Progress { Scores = scores.ToArray<float>(), FoldsDone = done };
    }

    private static string Describe(Options options) =>
        string.Create(CultureInfo.InvariantCulture, $"--epochs {options.Epochs} --seed {options.Seed}");
}
