// Downloads a data set that was not found.

using TorchScratch.Data;
using TorchScratch.Training;

namespace TorchScratch.Examples;

/// <summary>Downloads a data set, with a progress bar, and says why if that fails.</summary>
public static class DataDownload
{
    /// <summary>Downloads, and returns whether it succeeded; why not is written to the output.</summary>
    /// <param name="name">The data set's name.</param>
    /// <param name="source">Where it comes from.</param>
    /// <param name="directory">Where it goes.</param>
    /// <param name="output">Takes the progress and the reason of a failure.</param>
    /// <param name="download">The download itself.</param>
    public static bool Try(string name, Uri source, string directory, TextWriter output,
        Func<IProgress<DownloadProgress>, Task> download)
    {
        ArgumentNullException.ThrowIfNull(output);
        ArgumentNullException.ThrowIfNull(download);
        output.WriteLine($"Downloading {name} from {source} to {directory}");
        using var bar = new ProgressLine(output);
        try
        {
            download(new Reporter(bar)).GetAwaiter().GetResult();
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
