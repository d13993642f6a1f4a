// Fashion-MNIST: images of clothes in the file format of MNIST.

namespace TorchScratch.Data;

/// <summary>
/// Loads Fashion-MNIST (Xiao, Rasul, Vollgraf 2017): 70,000 grey images of 28 x 28, in four IDX files with the names of
/// MNIST's, each with or without ".gz".
/// </summary>
public static class FashionMnist
{
    /// <summary>The names of classes 0 to 9.</summary>
    public static IReadOnlyList<string> ClassNames { get; } = Array.AsReadOnly<string>(
        ["T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"]);

    /// <summary>Loads the training or the test part.</summary>
    /// <param name="directory">The folder with the files.</param>
    /// <param name="train">Whether to load the training part rather than the test part.</param>
    /// <param name="normalization">
    /// How bytes are converted to numbers; <see cref="Normalization.FashionMnist"/> if not given.
    /// </param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="FileNotFoundException">A file is missing; the message names it.</exception>
    /// <exception cref="TensorIOException">A file is damaged, or the numbers of images and labels differ.</exception>
    public static ImageDataset Load(string directory, bool train, Normalization? normalization = null) =>
        Mnist.Load(directory, train, normalization ?? Normalization.FashionMnist, ClassNames);

    /// <summary>Whether a folder has all four files.</summary>
    public static bool IsPresent(string directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        return Mnist.IsPresent(directory);
    }
}
