// Finds the digits: in a folder, by download, or drawn by the program.

using TorchScratch.Data;

namespace TorchScratch.Examples.MnistTraining;

/// <summary>Training and test images, and their source.</summary>
internal sealed record DigitData(ImageDataset Train, ImageDataset Test, string Source)
{
    private static readonly string DownloadDirectory = Path.Combine("data", "mnist");

    /// <summary>
    /// Loads the given folder; else the first known location that holds MNIST; else downloads it to data/mnist; else,
    /// if the download fails, uses drawn digits.
    /// </summary>
    public static DigitData Find(string? given, TextWriter output, CancellationToken cancellation)
    {
        if (DataFolder.Find(given, "mnist", Mnist.IsPresent) is { } folder)
            return Load(folder);
        if (DataDownload.Try("MNIST", MnistDownload.DefaultSource, DownloadDirectory, output, reporter =>
            MnistDownload.DownloadAsync(DownloadDirectory, reporter, cancellation: cancellation)))
        {
            return Load(DownloadDirectory);
        }
        output.WriteLine($"MNIST was not found; {DataFolder.Searched("mnist")}");
        output.WriteLine("Training on digits drawn by this program instead.");
        return new DigitData(DrawnDigits.Create(60_000, seed: 1), DrawnDigits.Create(10_000, seed: 2),
            "drawn digits (not MNIST)");
    }

    private static DigitData Load(string directory) =>
        new(Mnist.Load(directory, train: true), Mnist.Load(directory, train: false), directory);
}
