// Loads the binary version of CIFAR-10.

namespace TorchScratch.Data;

/// <summary>
/// Loads CIFAR-10 (Krizhevsky, "Learning multiple layers of features from tiny images", 2009): colour images of 32 x 32
/// in data_batch_1.bin to data_batch_5.bin and test_batch.bin, each with or without ".gz".
/// </summary>
public static class Cifar10
{
    private const int Batches = 5;
    private const string TestName = "test_batch.bin";
    private const string NamesName = "batches.meta.txt";

    /// <summary>The names of classes 0 to 9.</summary>
    public static IReadOnlyList<string> ClassNames { get; } = Array.AsReadOnly<string>(
        ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]);

    /// <summary>
    /// Loads the training or the test part. The training part consists of those of its five files that are present.
    /// </summary>
    /// <param name="directory">
    /// The folder with the files. Class names are read from batches.meta.txt if it exists.
    /// </param>
    /// <param name="train">Whether to load the training part rather than the test part.</param>
    /// <param name="normalizations">
    /// How bytes are converted to numbers, for each channel or for all;
    /// <see cref="Normalization.Cifar10"/> if not given.
    /// </param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="FileNotFoundException">
    /// No file of this part is present; the message lists the accepted names.
    /// </exception>
    /// <exception cref="TensorIOException">
    /// A file is damaged; the message names the file, the position and the problem.
    /// </exception>
    public static ImageDataset Load(string directory, bool train, IReadOnlyList<Normalization>? normalizations = null)
    {
        var paths = train ? TrainingFiles(directory) : [DataInput.Find(directory, TestName)];
        if (paths.Length == 0)
        {
            throw new FileNotFoundException($"{directory} has none of data_batch_1.bin to data_batch_{Batches}.bin, " +
                "with or without .gz", "data_batch_1.bin");
        }
        var names = CifarFile.ReadNames(directory, NamesName, ClassNames);
        return CifarFile.Read(paths, [names.Count], kept: 0, names, normalizations ?? Normalization.Cifar10);
    }

    /// <summary>Whether a folder has the test file and at least one training file.</summary>
    public static bool IsPresent(string directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        return Directory.Exists(directory) && DataInput.TryFind(directory, TestName) is not null &&
            TrainingFiles(directory).Length > 0;
    }

    private static string[] TrainingFiles(string directory)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        if (!Directory.Exists(directory))
            throw new DirectoryNotFoundException($"{directory}: there is no such folder");
        var files = Enumerable.Range(1, Batches).Select(i => DataInput.TryFind(directory, $"data_batch_{i}.bin"));
        return [.. files.OfType<string>()];
    }
}
