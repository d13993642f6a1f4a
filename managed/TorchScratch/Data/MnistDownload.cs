// Downloads MNIST and verifies the checksums of its files.

namespace TorchScratch.Data;

/// <summary>Downloads the four files of MNIST from a public mirror.</summary>
public static class MnistDownload
{
    /// <summary>The default source of the files.</summary>
    public static readonly Uri DefaultSource = new("https://ossci-datasets.s3.amazonaws.com/mnist/");

    private static readonly RemoteFile[] Files =
    [
        new("train-images-idx3-ubyte.gz", 9912422, "440fcabf73cc546fa21475e81ea370265605f56be210a4024d2ca8f203523609"),
        new("train-labels-idx1-ubyte.gz", 28881, "3552534a0a558bbed6aed32b30c495cca23d567ec52cac8be1a0730e8010255c"),
        new("t10k-images-idx3-ubyte.gz", 1648877, "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6"),
        new("t10k-labels-idx1-ubyte.gz", 4542, "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6"),
    ];

    /// <summary>
    /// Downloads the files that the folder does not have yet. Each gets its final name only when it is complete and its
    /// checksum is right.
    /// </summary>
    /// <param name="directory">The folder, which is created if it does not exist.</param>
    /// <param name="progress">Receives the progress as bytes arrive.</param>
    /// <param name="source">
    /// The URL of a folder on a web server, ending in "/"; <see cref="DefaultSource"/> if not given.
    /// </param>
    /// <param name="handler">Sends the requests; for tests and proxies.</param>
    /// <param name="cancellation">Stops the download; partial files are deleted.</param>
    /// <exception cref="HttpRequestException">
    /// The server cannot be reached, does not have a file or stops sending.
    /// </exception>
    /// <exception cref="TensorIOException">The length or the SHA-256 of a file is wrong.</exception>
    public static Task DownloadAsync(string directory, IProgress<DownloadProgress>? progress = null,
        Uri? source = null, HttpMessageHandler? handler = null, CancellationToken cancellation = default) =>
        FileDownload.RunAsync(Files, directory, progress, source ?? DefaultSource, handler, cancellation);
}
