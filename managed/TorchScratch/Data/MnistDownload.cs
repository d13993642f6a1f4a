// Fetches MNIST, and trusts nothing that comes but what has the right checksum.

using System.Security.Cryptography;

namespace TorchScratch.Data;

/// <summary>How far a download is.</summary>
/// <param name="File">The file that is being fetched.</param>
/// <param name="BytesRead">Bytes of all files so far.</param>
/// <param name="TotalBytes">Bytes of all files.</param>
public readonly record struct DownloadProgress(string File, long BytesRead, long TotalBytes);

/// <summary>Downloads the four files of MNIST from a public mirror.</summary>
public static class MnistDownload
{
    /// <summary>Where the files come from unless told otherwise.</summary>
    public static readonly Uri DefaultSource = new("https://ossci-datasets.s3.amazonaws.com/mnist/");

    // Short: without a network the caller wants to know soon. A slow line is fine as long as something comes.
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
    /// Fetches the files that the folder does not have yet. Each appears under its name only when it is complete and
    /// its checksum right.
    /// </summary>
    /// <param name="directory">The folder; made if need be.</param>
    /// <param name="progress">Told as bytes arrive.</param>
    /// <param name="source">A folder on a web server, ending in "/"; <see cref="DefaultSource"/> if not given.</param>
    /// <param name="handler">Makes the requests; for tests and proxies.</param>
    /// <param name="cancellation">Ends the download; nothing half-fetched is left.</param>
    /// <exception cref="HttpRequestException">
    /// The server cannot be reached, does not have the file or stops sending.
    /// </exception>
    /// <exception cref="TensorIOException">What came is not the file: its length or SHA-256 is wrong.</exception>
    public static async Task DownloadAsync(string directory, IProgress<DownloadProgress>? progress = null,
        Uri? source = null,
        HttpMessageHandler? handler = null, CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        Directory.CreateDirectory(directory);
        using var client = handler is null
            ? new HttpClient(new SocketsHttpHandler { ConnectTimeout = ConnectTimeout })
            : new HttpClient(handler, disposeHandler: false);
        // Time limits are set for each step below; one for the whole would punish slow lines.
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
        Action<long> report,
        CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var partial = $"{path}.{Guid.NewGuid():N}.partial";
        try
        {
            // Covers the name lookup too, which ConnectTimeout does not.
            patience.CancelAfter(2 * ConnectTimeout);
            using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead,
                patience.Token)
                .ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
            using (var output = File.Create(partial))
                await CopyAsync(response, address, file, output, report, patience).ConfigureAwait(false);
            File.Move(partial, path, overwrite: true);
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new HttpRequestException($"{address}: no answer in time", e);
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

    // Reads no byte more than the file is known to have, so that no answer can fill the disk.
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
                    $"{address}, offset {file.Bytes}: there is more, expected {file.Bytes} bytes");
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
