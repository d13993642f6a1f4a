// CIFAR-100 in its binary version.

namespace TorchScratch.Data;

/// <summary>Which of an image's two labels is wanted.</summary>
public enum Cifar100Labels
{
    /// <summary>One of 100 classes.</summary>
    Fine,

    /// <summary>One of 20 groups of five classes each.</summary>
    Coarse,
}

/// <summary>
/// Loads CIFAR-100 (Krizhevsky, "Learning multiple layers of features from tiny images", 2009): colour images of 32 x 32 in
/// train.bin and test.bin, each with or without ".gz".
/// </summary>
public static class Cifar100
{
    /// <summary>Loads one half of the set.</summary>
    /// <param name="directory">
    /// The folder with the files; class names come from fine_label_names.txt or coarse_label_names.txt if they are there.
    /// </param>
    /// <param name="train">The training half, else the test half.</param>
    /// <param name="labels">Which labels to keep.</param>
    /// <param name="normalizations">
    /// How bytes become numbers, for each channel or for all; <see cref="Normalization.Cifar100"/> if not given.
    /// </param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">The file is not there; the message says which.</exception>
    /// <exception cref="TensorIOException">A file is damaged; the message says which, where and how.</exception>
    public static ImageDataset Load(string directory, bool train, Cifar100Labels labels = Cifar100Labels.Fine,
        IReadOnlyList<Normalization>? normalizations = null)
    {
        var path = DataInput.Find(directory, train ? "train.bin" : "test.bin");
        var isFine = labels == Cifar100Labels.Fine;
        var names = CifarFile.ReadNames(directory, isFine ? "fine_label_names.txt" : "coarse_label_names.txt", null,
            isFine ? 100 : 20);
        // Each record begins with the coarse label, then comes the fine one.
        return CifarFile.Read([path], [20, 100], kept: isFine ? 1 : 0, names, normalizations ?? Normalization.Cifar100);
    }

    /// <summary>Whether a folder has both files.</summary>
    public static bool IsPresent(string directory) =>
        DataInput.TryFind(directory, "train.bin") is not null && DataInput.TryFind(directory, "test.bin") is not null;
}
