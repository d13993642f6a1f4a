// Loads MNIST and other data sets in the same four files (Fashion-MNIST, KMNIST, EMNIST digits).

namespace TorchScratch.Data;

/// <summary>
/// Loads the IDX files of MNIST (LeCun, Cortes, Burges 1998): train-images-idx3-ubyte, train-labels-idx1-ubyte,
/// t10k-images-idx3-ubyte and t10k-labels-idx1-ubyte, each with or without ".gz".
/// </summary>
public static class Mnist
{
    /// <summary>Loads the training or the test part.</summary>
    /// <param name="directory">The folder with the files.</param>
    /// <param name="train">Whether to load the training part rather than the test part.</param>
    /// <param name="normalization">
    /// How bytes are converted to numbers; <see cref="Normalization.Mnist"/> if not given.
    /// </param>
    /// <exception cref="DirectoryNotFoundException">The folder does not exist.</exception>
    /// <exception cref="FileNotFoundException">A file is missing; the message names it.</exception>
    /// <exception cref="TensorIOException">A file is damaged, or the numbers of images and labels differ.</exception>
    public static ImageDataset Load(string directory, bool train, Normalization? normalization = null) =>
        Load(directory, train, normalization ?? Normalization.Mnist, null);

    internal static ImageDataset Load(string directory, bool train, Normalization normalization,
        IReadOnlyList<string>? names)
    {
        var (imagesName, labelsName) = Names(train);
        var imagesPath = DataInput.Find(directory, imagesName);
        var labelsPath = DataInput.Find(directory, labelsName);
        var images = IdxFile.Read(imagesPath);
        if (images.Type != IdxType.UInt8 || images.Shape.Length != 3 || images.Shape[1] == 0 || images.Shape[2] == 0)
        {
            throw new TensorIOException($"{imagesPath}, offset 0: {Describe(images)}, expected images: UInt8 of " +
                "three dimensions (count, rows, columns)");
        }
        var labels = IdxFile.Read(labelsPath);
        if (labels.Type != IdxType.UInt8 || labels.Shape.Length != 1)
        {
            throw new TensorIOException($"{labelsPath}, offset 0: {Describe(labels)}, expected labels: UInt8 of " +
                "one dimension");
        }
        if (labels.Shape[0] != images.Shape[0])
        {
            throw new TensorIOException($"{labelsPath}, offset 4: {labels.Shape[0]} labels, expected as many as " +
                $"there are images in {imagesPath}: {images.Shape[0]}");
        }
        if (names is not null &&
            labels.Buffer.AsSpan().IndexOfAnyExceptInRange((byte)0, (byte)(names.Count - 1)) is >= 0 and var bad)
        {
            throw new TensorIOException($"{labelsPath}, offset {8 + bad}: label {labels.Buffer[bad]}, expected 0 to " +
                $"{names.Count - 1}");
        }
        return new ImageDataset(images.Buffer, labels.Buffer, images.Shape[1], images.Shape[2], normalization)
        {
            ClassNames = names,
        };
    }

    /// <summary>Whether a folder has all four files.</summary>
    public static bool IsPresent(string directory)
    {
        ArgumentNullException.ThrowIfNull(directory);
        return HasHalf(true) && HasHalf(false);

        bool HasHalf(bool train)
        {
            var (images, labels) = Names(train);
            return DataInput.TryFind(directory, images) is not null && DataInput.TryFind(directory, labels) is not null;
        }
    }

    private static (string Images, string Labels) Names(bool train)
    {
        var half = train ? "train" : "t10k";
        return ($"{half}-images-idx3-ubyte", $"{half}-labels-idx1-ubyte");
    }

    private static string Describe(IdxArray array) =>
        $"{array.Type} of shape ({string.Join(", ", array.Shape.ToArray())})";
}
