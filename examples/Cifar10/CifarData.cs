// Finds the images: which data set a folder holds, and how its images are augmented.

using TorchScratch.Data;

namespace TorchScratch.Examples.CifarTraining;

internal enum ImageSet
{
    /// <summary>10 classes.</summary>
    Cifar10,

    /// <summary>100 classes.</summary>
    Cifar100,

    /// <summary>CIFAR-100's 20 groups of 5 classes.</summary>
    Cifar100Groups,
}

/// <summary>Training and test images, and the folder that they were read from.</summary>
internal sealed record CifarData(ImageSet Set, ImageDataset Train, ImageDataset Test, string Source)
{
    /// <summary>The number of classes, including those without an image here.</summary>
    public int ClassCount => Set switch { ImageSet.Cifar10 => 10, ImageSet.Cifar100 => 100, _ => 20 };

    /// <summary>
    /// The training images, shifted by up to 4 pixels, mirrored at random, and with a blank square of 8 x 8 pixels,
    /// differently in each epoch.
    /// </summary>
    public TransformedDataset Augmented => Train.Transform(new Compose(
        new RandomCrop(32, padding: 4), new RandomHorizontalFlip(), new Cutout(8)));

    /// <summary>
    /// The data set to use: the one asked for, else the one that is found; CIFAR-10 if both or none are.
    /// </summary>
    public static ImageSet Recognize(string? given, ImageSet? asked) => asked ??
        (!IsFound(given, ImageSet.Cifar10) && IsFound(given, ImageSet.Cifar100) ? ImageSet.Cifar100 : ImageSet.Cifar10);

    /// <summary>Loads a data set from the given folder, or from the first known location that holds it.</summary>
    /// <exception cref="FileNotFoundException">It is in none of the known locations.</exception>
    /// <exception cref="DirectoryNotFoundException">It is not in the given folder.</exception>
    public static CifarData Load(string? given, ImageSet set)
    {
        var folder = DataFolder.Find(given, FolderName(set), IsPresent(set)) ?? throw new FileNotFoundException(
            $"{Name(set)} was not found; {DataFolder.Searched(FolderName(set))}. Its binary files are available at " +
            "https://www.cs.toronto.edu/~kriz/cifar.html");
        var labels = set == ImageSet.Cifar100Groups ? Cifar100Labels.Coarse : Cifar100Labels.Fine;
        return set == ImageSet.Cifar10
            ? new(set, Cifar10.Load(folder, train: true), Cifar10.Load(folder, train: false), folder)
            : new(set, Cifar100.Load(folder, train: true, labels), Cifar100.Load(folder, train: false, labels), folder);
    }

    /// <summary>The display name.</summary>
    public static string Name(ImageSet set) => set switch
    {
        ImageSet.Cifar10 => "CIFAR-10",
        ImageSet.Cifar100 => "CIFAR-100",
        _ => "CIFAR-100 in 20 groups",
    };

    /// <summary>The name of its folder.</summary>
    public static string FolderName(ImageSet set) => set == ImageSet.Cifar10 ? "cifar10" : "cifar100";

    private static Func<string, bool> IsPresent(ImageSet set) =>
        set == ImageSet.Cifar10 ? Cifar10.IsPresent : Cifar100.IsPresent;

    private static bool IsFound(string? given, ImageSet set) => given is null
        ? DataFolder.Find(null, FolderName(set), IsPresent(set)) is not null
        : IsPresent(set)(given) || IsPresent(set)(Path.Combine(given, FolderName(set)));
}
