// Loads the binary version of CIFAR-100.

namespace TorchScratch.Data;

/// <summary>Which of the two labels of an image to use.</summary>
public enum Cifar100Labels
{
    /// <summary>One of 100 classes.</summary>
    Fine,

    /// <summary>One of 20 groups of five classes each.</summary>
    Coarse,
}

/// <summary>
/// Loads CIFAR-100 (Krizhevsky, "Learning multiple layers of features from tiny images", 2009): colour images of 32 x
/// 32 in train.bin and test.bin, each with or without ".gz".
/// </summary>
public static class Cifar100
{
    /// <summary>Loads the training or the test part.</summary>
    /// <param name="directory">
    /// The folder with the files. Class names are read from fine_label_names.txt or
    /// coarse_label_names.txt if they exist.
    /// </param>
    /// <param name="train">Whether to load the training part rather than the test part.</param>
    /// <param name="labels">Which labels to use.</param>
    /// <param name="normalizations">
    /// How bytes are converted to numbers, for each channel or for all;
    /// <see cref="Normalization.Cifar100"/> if not given.
    /// </param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="FileNotFoundException">The file is missing; the message names it.</exception>
    /// <exception cref="TensorIOException">
    /// A file is damaged; the message names the file, the position and the problem.
    /// </exception>
    public static ImageDataset Load(string directory, bool train, Cifar100Labels labels = Cifar100Labels.Fine,
        IReadOnlyList<Normalization>? normalizations = null)
    {
        var path = DataInput.Find(directory, train ? "train.bin" : "test.bin");
        var isFine = labels == Cifar100Labels.Fine;
        var names = CifarFile.ReadNames(directory, isFine ? "fine_label_names.txt" : "coarse_label_names.txt", null,
            isFine ? 100 : 20);
        // Each record begins with the coarse label, followed by the fine one.
        return CifarFile.Read([path], [20, 100], kept: isFine ? 1 : 0, names, normalizations ?? Normalization.Cifar100);
    }

    /// <summary>Whether a folder has both files.</summary>
    public static bool IsPresent(string directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        return DataInput.TryFind(directory, "train.bin") is not null &&
            DataInput.TryFind(directory, "test.bin") is not null;
    }
}
