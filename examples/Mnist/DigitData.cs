// Finds the digits: a folder, the network, or the program's own hand.

using TorchScratch.Data;
using TorchScratch.Training;

namespace TorchScratch.Examples.MnistTraining;

/// <summary>Training and test images, and where they are from.</summary>
internal sealed record DigitData(ImageDataset Train, ImageDataset Test, string Source)
{
    private static readonly string DownloadDirectory = Path.Combine("data", "mnist");

    /// <summary>
    /// The folder asked for; else the first known place that has it; else a download to data/mnist; else, without a
    /// network, drawn digits.
    /// </summary>
    public static DigitData Find(string? given, TextWriter output, CancellationToken cancellation)
    {
        if (DataFolder.Find(given, "mnist", Mnist.IsPresent) is { } folder)
            return Load(folder);
        if (TryDownload(output, cancellation))
            return Load(DownloadDirectory);
        output.WriteLine("Training on digits that this program draws itself instead; for MNIST, give its folder with " +
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

    // Not System.Progress, which would report on other threads, and after the end.
    private sealed class Reporter(ProgressLine bar) : IProgress<DownloadProgress>
    {
        public void Report(DownloadProgress value) => bar.Show((double)value.BytesRead / value.TotalBytes,
            $"{value.BytesRead / 1e6:0.0} of {value.TotalBytes / 1e6:0.0} MB  {value.File}");
    }
}
