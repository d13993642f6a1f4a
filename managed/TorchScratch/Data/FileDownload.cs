// Downloads files of known length and checksum.

using System.Security.Cryptography;
using TorchScratch.IO;

namespace TorchScratch.Data;

/// <summary>The progress of a download.</summary>
/// <param name="File">The file that is being downloaded.</param>
/// <param name="BytesRead">Bytes downloaded so far, of all files.</param>
/// <param name="TotalBytes">The total size of all files, in bytes.</param>
public readonly record struct DownloadProgress(string File, long BytesRead, long TotalBytes);

/// <summary>A file on a server.</summary>
/// <param name="Name">Its name in the folder.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Sha256">Its checksum, in lower-case hexadecimal.</param>
/// <param name="RemoteName">Its name on the server, if that is another one.</param>
internal sealed record RemoteFile(string Name, long Bytes, string Sha256, string? RemoteName = null);

/// <summary>
/// Downloads the files that a folder does not have yet. Each gets its final name only when it is complete and its
/// checksum is right.
/// </summary>
internal static class FileDownload
{
    // Short, so that a missing network is noticed soon. A slow connection is accepted as long as data keep arriving.
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StallTimeout = TimeSpan.FromSeconds(15);

    public static async Task RunAsync(IReadOnlyList<RemoteFile> files, string directory,
        IProgress<DownloadProgress>? progress, Uri source, HttpMessageHandler? handler, CancellationToken cancellation)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        Directory.CreateDirectory(directory);
        using var client = handler is null
            ? new HttpClient(new SocketsHttpHandler { ConnectTimeout = ConnectTimeout })
            : new HttpClient(handler, disposeHandler: false);
        // The limits below apply to single steps; a limit on the whole download would fail on slow connections.
        client.Timeout = Timeout.InfiniteTimeSpan;

        var total = files.Sum(file => file.Bytes);
        var before = 0L;
        foreach (var file in files)
        {
            var path = Path.Combine(directory, file.Name);
            if (!File.Exists(path))
            {
                var address = new Uri(source, file.RemoteName ?? file.Name);
                await FetchAsync(client, address, file, path, Report, cancellation).ConfigureAwait(false);
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
        try
        {
            // Unlike ConnectTimeout, this includes the DNS lookup.
            patience.CancelAfter(2 * ConnectTimeout);
            using var response = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead,
                patience.Token).ConfigureAwait(false);
            response.EnsureSuccessStatusCode();
            using var output = new WholeFile(path);
            await CopyAsync(response, address, file, output.Stream, report, patience).ConfigureAwait(false);
            output.Commit();
        }
        catch (OperationCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new HttpRequestException($"{address}: the server did not answer in time", e);
        }
        catch (IOException e) when (e is HttpIOException)
        {
            throw new HttpRequestException($"{address}: {e.Message}", e);
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
}
