// Fashion-MNIST: the files of MNIST, with clothes on them.

namespace TorchScratch.Data;

/// <summary>
/// Loads Fashion-MNIST (Xiao, Rasul, Vollgraf 2017): 70,000 grey images of 28 x 28, in four IDX files named as MNIST's, each
/// with or without ".gz".
/// </summary>
public static class FashionMnist
{
    /// <summary>What labels 0 to 9 stand for.</summary>
    public static IReadOnlyList<string> ClassNames { get; } = Array.AsReadOnly<string>(
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]);

    /// <summary>Loads one half of the set.</summary>
    /// <param name="directory">The folder with the files.</param>
    /// <param name="train">The training half, else the test half.</param>
    /// <param name="normalization">How bytes become numbers; <see cref="Normalization.FashionMnist"/> if not given.</param>
    /// <exception cref="DirectoryNotFoundException">There is no such folder.</exception>
    /// <exception cref="FileNotFoundException">A file is not there; the message says which.</exception>
    /// <exception cref="TensorIOException">A file is damaged, or the two do not belong together.</exception>
    public static ImageDataset Load(string directory, bool train, Normalization? normalization = null) =>
        Mnist.Load(directory, train, normalization ?? Normalization.FashionMnist, ClassNames);

    /// <summary>Whether a folder has all four files.</summary>
    public static bool IsPresent(string directory) => Mnist.IsPresent(directory);
}
