// Finds the digits: in a folder, by download, or drawn by the program.

using TorchScratch.Data;
using TorchScratch.Training;

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
        if (TryDownload(output, cancellation))
            return Load(DownloadDirectory);
        output.WriteLine("Training on digits drawn by this program instead. To train on MNIST, give its folder with " +
            "--data.");
        return new DigitData(DrawnDigits.Create(60_000, seed: 1), DrawnDigits.Create(10_000, seed: 2),
            "drawn digits (not MNIST)");
    }

    private static DigitData Load(string directory) =>
        new(Mnist.Load(directory, train: true), Mnist.Load(directory, train: false), directory);

    private static bool TryDownload(TextWriter output, CancellationToken cancellation)
    {
        output.WriteLine($"Downloading MNIST from {MnistDownload.DefaultSource} to {DownloadDirectory}");
        using var bar = new ProgressLine(output);
        try
        {
            MnistDownload.DownloadAsync(DownloadDirectory, new Reporter(bar), cancellation: cancellation)
                .GetAwaiter().GetResult();
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or TensorIOException or IOException or
            UnauthorizedAccessException)
        {
            bar.Clear();
            output.WriteLine($"The download failed: {e.Message}");
            return false;
        }
    }

    // System.Progress would report on other threads, even after the end of the download.
    private sealed class Reporter(ProgressLine bar) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => bar.Show((double)value.BytesRead / value.TotalBytes,
            $"{value.BytesRead / 1e6:0.0} of {value.TotalBytes / 1e6:0.0} MB  {value.File}");
    }
}
