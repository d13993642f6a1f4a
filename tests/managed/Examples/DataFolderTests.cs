// What the examples say about data that is nowhere.

using TorchScratch.Data;
using TorchScratch.Examples;
using TorchScratch.Tests.Data;

namespace TorchScratch.Tests.Examples;

public class DataFolderTests
{
    [Fact]
    public void TheErrorListsThePlaces()
    {
        var error = Assert.Throws<FileNotFoundException>(() => DataFolder.FindFile(null, "no_such_set", "table.csv"));
        Assert.Contains("table.csv was not found; looked in ", error.Message, StringComparison.Ordinal);
        Assert.Contains(Path.GetFullPath(Path.Combine("data", "no_such_set")), error.Message, StringComparison.Ordinal);
        Assert.Contains("TORCHSCRATCH_DATA", error.Message, StringComparison.Ordinal);
        Assert.Contains("--data", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheTextIsDownloadedAndChecked()
    {
        using var folder = new TemporaryFolder();
        Uri? asked = null;
        using var server = new Answering(request =>
        {
            asked = request.RequestUri;
            return new(System.Net.HttpStatusCode.OK) { Content = new ByteArrayContent(new byte[1115394]) };
        });
        // The right length, but not the right text.
        var error = await Assert.ThrowsAsync<TensorIOException>(() =>
            TinyShakespeareDownload.DownloadAsync(folder.Path, handler: server));
        Assert.Contains("SHA-256", error.Message, StringComparison.Ordinal);
        Assert.Equal(new Uri(TinyShakespeareDownload.DefaultSource, "input.txt"), asked);
        Assert.Empty(Directory.GetFiles(folder.Path));
        // A file that is there is not fetched.
        File.WriteAllText(folder[TinyShakespeareDownload.FileName], "text");
        asked = null;
        await TinyShakespeareDownload.DownloadAsync(folder.Path, handler: server);
        Assert.Null(asked);
    }

    private sealed class Answering(Func<HttpRequestMessage, HttpResponseMessage> answer) : HttpMessageHandler
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request,
            CancellationToken cancellationToken) => Task.FromResult(answer(request));
    }
}
