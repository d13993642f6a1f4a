// Downloads from a server that misbehaves.

using System.Net;
using TorchScratch.Data;

namespace TorchScratch.Tests.Data;

public sealed class MnistDownloadTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task WrongContentIsRefusedAndLeavesNothing()
    {
        await Refused(new byte[100], "the data ends here");
        await Refused(new byte[9912422], "SHA-256");
        await Refused(new byte[9912423], "there are more bytes");
    }

    [Fact]
    public async Task ServerErrorsAreHttpErrors()
    {
        using var missing = new Server(_ => new HttpResponseMessage(HttpStatusCode.NotFound));
        await Assert.ThrowsAsync<HttpRequestException>(() =>
            MnistDownload.DownloadAsync(_folder.Path, handler: missing));
        using var offline = new Server(_ => throw new HttpRequestException("no such host"));
        await Assert.ThrowsAsync<HttpRequestException>(() =>
            MnistDownload.DownloadAsync(_folder.Path, handler: offline));
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    [Fact]
    public async Task CancellationIsNotAnHttpError()
    {
        using var cancellation = new CancellationTokenSource();
        using var server = new Server(_ =>
        {
            cancellation.Cancel();
            throw new OperationCanceledException(cancellation.Token);
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            MnistDownload.DownloadAsync(_folder.Path, handler: server, cancellation: cancellation.Token));
    }

    [MnistFact]
    public async Task TheRealFilesPassAndAreNotFetchedTwice()
    {
        var requests = 0;
        using var server = new Server(request =>
        {
            requests++;
            var name = Path.GetFileName(request.RequestUri!.AbsolutePath);
            return Answer(File.ReadAllBytes(Path.Combine(MnistFactAttribute.Folder!, name)));
        });
        var progress = new LastReport();
        await MnistDownload.DownloadAsync(_folder.Path, progress, handler: server);
        await MnistDownload.DownloadAsync(_folder.Path, handler: server);
        Assert.Equal(4, requests);
        Assert.Equal(4, Directory.GetFiles(_folder.Path).Length);
        Assert.True(Mnist.IsPresent(_folder.Path));
        Assert.Equal(progress.Value.TotalBytes, progress.Value.BytesRead);
    }

    private async Task Refused(byte[] content, string expected)
    {
        using var server = new Server(_ => Answer(content));
        var error = await Assert.ThrowsAsync<TensorIOException>(() =>
            MnistDownload.DownloadAsync(_folder.Path, handler: server));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains("train-images", error.Message, StringComparison.Ordinal);
        Assert.Empty(Directory.GetFiles(_folder.Path));
    }

    private static HttpResponseMessage Answer(byte[] content) => new() { Content = new ByteArrayContent(content) };

    private sealed class Server(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request,
            CancellationToken cancellationToken) =>
            Task.FromResult(answer(request));
    }

    private sealed class LastReport : IProgress<DownloadProgress>
    {
        public DownloadProgress Value { get; private set; }

        public void Report(DownloadProgress value) => Value = value;
    }
}
