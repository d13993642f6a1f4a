// Finds the digits: a folder, the network, or the program's own hand.

using TorchScratch.Data;

namespace TorchScratch.Examples.MnistTraining;

/// <summary>Training and test images, and where they are from.</summary>
internal sealed record DigitData(ImageDataset Train, ImageDataset Test, string Source)
{
    private const string DataVariable = "TORCHSCRATCH_DATA";
    private static readonly string DownloadDirectory = Path.Combine("data", "mnist");

    /// <summary>
    /// The folder asked for; else $TORCHSCRATCH_DATA/mnist; else data/mnist; else a download to there; else, without a
    /// network, drawn digits.
    /// </summary>
    public static DigitData Find(string? directory, TextWriter output, CancellationToken cancellation)
    {
        if (directory is not null)
            return Load(directory);
        if (Environment.GetEnvironmentVariable(DataVariable) is { Length: > 0 } root && Mnist.IsPresent(Path.Combine(root, "mnist")))
            return Load(Path.Combine(root, "mnist"));
        if (Mnist.IsPresent(DownloadDirectory) || TryDownload(output, cancellation))
            return Load(DownloadDirectory);
        output.WriteLine("Training on digits that this program draws itself instead; for MNIST, give its folder with --data.");
        return new DigitData(DrawnDigits.Create(60_000, seed: 1), DrawnDigits.Create(10_000, seed: 2), "drawn digits (not MNIST)");
    }

    private static DigitData Load(string directory) =>
        new(Mnist.Load(directory, train: true), Mnist.Load(directory, train: false), directory);

    private static bool TryDownload(TextWriter output, CancellationToken cancellation)
    {
        output.WriteLine($"Downloading MNIST from {MnistDownload.DefaultSource} to {DownloadDirectory}");
        using var bar = new ProgressLine(output);
        try
        {
            MnistDownload.DownloadAsync(DownloadDirectory, new Reporter(bar), cancellation: cancellation).GetAwaiter().GetResult();
            return true;
        }
        catch (Exception e) when (e is HttpRequestException or TensorIOException or IOException or UnauthorizedAccessException)
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
