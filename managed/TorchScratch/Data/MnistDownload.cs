// Downloads MNIST and verifies the checksums of its files.

using System.Security.Cryptography;

namespace TorchScratch.Data;

/// <summary>The progress of a download.</summary>
/// <param name="File">The file that is being downloaded.</param>
/// <param name="BytesRead">Bytes downloaded so far, of all files.</param>
/// <param name="TotalBytes">The total size of all files, in bytes.</param>
public readonly record struct DownloadProgress(string File, long BytesRead, long TotalBytes);

/// <summary>Downloads the four files of MNIST from a public mirror.</summary>
public static class MnistDownload
{
    /// <summary>The default source of the files.</summary>
    public static readonly Uri DefaultSource = new("https://ossci-datasets.s3.amazonaws.com/mnist/");

    // Short, so that a missing network is noticed soon. A slow connection is accepted as long as data keep arriving.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(15);

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
    public static async Task DownloadAsync(string directory, IProgress<DownloadProgress>? progress = null,
        Uri? source = null, HttpMessageHandler? handler = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        Directory.CreateDirectory(directory);
        using var client = handler is null
            ? new HttpClient(new SocketsHttpHandler { ConnectTimeout = ConnectTimeout })
            : new HttpClient(handler, disposeHandler: false);
        // The limits below apply to single steps; a limit on the whole download would fail on slow connections.
        client.Timeout = Timeout.InfiniteTimeSpan;

        var total = Files.Sum(file => file.Bytes);
        var before = 0L;
        foreach (var file in Files)
        {
            var path = Path.Combine(directory, file.Name);
            if (!File.Exists(path))
            {
                await FetchAsync(client, new Uri(source ?? DefaultSource, file.Name), file, path, Report, cancellation)
                    .ConfigureAwait(false);
            }
            before += file.Bytes;
            Report(0);

            void Report(long bytes) => progress?.Report(new DownloadProgress(file.Name, before + bytes, total));
        }
    }

    private static async Task FetchAsync(HttpClient client, Uri address, RemoteFile file, string path,
        Action<long> report, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var partial = $"{path}.{Guid.NewGuid():N}.partial";
        try
        {
            // Unlike ConnectTimeout, this includes the DNS lookup.
            patience.CancelAfter(2 * ConnectTimeout);
            using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead,
                patience.Token).ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
            using (var output = File.Create(partial))
                await CopyAsync(response, address, file, output, report, patience).ConfigureAwait(false);
            File.Move(partial, path, overwrite: true);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new HttpRequestException($"{address}: the server did not answer in time", e);
        }
        catch (IOException e) when (e is HttpIOException)
        {
            throw new HttpRequestException($"{address}: {e.Message}", e);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    // Stops after the known length of the file, so that a wrong response cannot fill the disk.
    private static async Task CopyAsync(HttpResponseMessage response, Uri address, RemoteFile file, Stream output,
        Action<long> report, CancellationTokenSource patience)
    {
        using var input = await response.Content.ReadAsStreamAsync(patience.Token).ConfigureAwait(false);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[1 << 16];
        var total = 0L;
        while (true)
        {
            patience.CancelAfter(StallTimeout);
            var read = await input.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
            if (read == 0)
                break;
            total += read;
            if (total > file.Bytes)
                throw new TensorIOException(
                    $"{address}, offset {file.Bytes}: there are more bytes than the expected {file.Bytes}");
            hash.AppendData(buffer, 0, read);
            await output.WriteAsync(buffer.AsMemory(0, read), patience.Token).ConfigureAwait(false);
            report(total);
        }
        if (total < file.Bytes)
            throw new TensorIOException($"{address}, offset {total}: the data ends here, expected {file.Bytes} bytes");
        var actual = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (actual != file.Sha256)
            throw new TensorIOException($"{address}: its SHA-256 is {actual}, expected {file.Sha256}");
    }

    private sealed record RemoteFile(string Name, long Bytes, string Sha256);
}
