// CIFAR-10 in its binary version.

namespace TorchScratch.Data;

/// <summary>
/// Loads CIFAR-10 (Krizhevsky, "Learning multiple layers of features from tiny images", 2009): colour images of 32 x 32 in
/// data_batch_1.bin to data_batch_5.bin and test_batch.bin, each with or without ".gz".
/// </summary>
public static class Cifar10
{
    private const int Batches = 5;
    private const string TestName = "test_batch.bin";
    private const string NamesName = "batches.meta.txt";

    /// <summary>What labels 0 to 9 stand for.</summary>
    public static IReadOnlyList<string> ClassNames { get; } = Array.AsReadOnly<string>(
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]);

    /// <summary>Loads one half of the set: of the training half whichever of its five files are there.</summary>
    /// <param name="directory">The folder with the files; class names come from batches.meta.txt if that is there.</param>
    /// <param name="train">The training half, else the test half.</param>
    /// <param name="normalizations">
    /// How bytes become numbers, for each channel or for all; <see cref="Normalization.Cifar10"/> if not given.
    /// </param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">There is no file of this half; the message says which would do.</exception>
    /// <exception cref="TensorIOException">A file is damaged; the message says which, where and how.</exception>
    public static ImageDataset Load(string directory, bool train, IReadOnlyList<Normalization>? normalizations = null)
    {
        var paths = train ? TrainingFiles(directory) : [DataInput.Find(directory, TestName)];
        if (paths.Length == 0)
        {
            throw new FileNotFoundException($"{directory} has none of data_batch_1.bin to data_batch_{Batches}.bin, with or " +
                "without .gz", "data_batch_1.bin");
        }
        var names = CifarFile.ReadNames(directory, NamesName, ClassNames);
        return CifarFile.Read(paths, [names.Count], kept: 0, names, normalizations ?? Normalization.Cifar10);
    }

    /// <summary>Whether a folder has a training file at least, and the test file.</summary>
    public static bool IsPresent(string directory) =>
        Directory.Exists(directory) && DataInput.TryFind(directory, TestName) is not null && TrainingFiles(directory).Length > 0;

    private static string[] TrainingFiles(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!Directory.Exists(directory))
            throw new DirectoryNotFoundException($"{directory}: no such folder");
        return [.. Enumerable.Range(1, Batches).Select(i => DataInput.TryFind(directory, $"data_batch_{i}.bin")).OfType<string>()];
    }
}
