// Downloads the text on which small language models are tried.

namespace TorchScratch.Data;

/// <summary>
/// Downloads tinyshakespeare.txt: 1.1 million characters of Shakespeare's plays, collected by A. Karpathy.
/// </summary>
public static class TinyShakespeareDownload
{
    /// <summary>The name that the file gets.</summary>
    public const string FileName = "tinyshakespeare.txt";

    /// <summary>The default source of the file.</summary>
    public static readonly Uri DefaultSource =
        new("https://raw.githubusercontent.com/karpathy/char-rnn/master/data/tinyshakespeare/");

    private static readonly RemoteFile[] Files =
    [
        new(FileName, 1115394, "86c4e6aa9db7c042ec79f339dcb96d42b0075e16b8fc2e86bf0ca57e2dc565ed", "input.txt"),
    ];

    /// <summary>
    /// Downloads the file, unless the folder has it. It gets its name only when it is complete and its checksum is
    /// right.
    /// </summary>
    /// <param name="directory">The folder, which is created if it does not exist.</param>
    /// <param name="progress">Receives the progress as bytes arrive.</param>
    /// <param name="source">
    /// The URL of a folder on a web server, ending in "/", that has the text as input.txt; <see cref="DefaultSource"/>
    /// if not given.
    /// </param>
    /// <param name="handler">Sends the requests; for tests and proxies.</param>
    /// <param name="cancellation">Stops the download; partial files are deleted.</param>
    /// <exception cref="HttpRequestException">
    /// The server cannot be reached, does not have the file or stops sending.
    /// </exception>
    /// <exception cref="TensorIOException">The length or the SHA-256 of the file is wrong.</exception>
    public static Task DownloadAsync(string directory, IProgress<DownloadProgress>? progress = null,
        Uri? source = null, HttpMessageHandler? handler = null, CancellationToken cancellation = default) =>
        FileDownload.RunAsync(Files, directory, progress, source ?? DefaultSource, handler, cancellation);
}
