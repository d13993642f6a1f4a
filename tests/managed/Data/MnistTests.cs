// Loading MNIST from a folder.

using TorchScratch.Data;

namespace TorchScratch.Tests.Data;

public sealed class MnistTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(".gz")]
    public void AFolderIsLoaded(string extension)
    {
        WriteHalf("train", 3, 3, extension);
        WriteHalf("t10k", 2, 2, extension);
        Assert.True(Mnist.IsPresent(_folder.Path));
        var train = Mnist.Load(_folder.Path, train: true);
        Assert.Equal((3, 2, 2), (train.Count, train.Height, train.Width));
        Assert.Equal([0, 1, 2], train.Labels.ToArray());
        Assert.Equal(2, Mnist.Load(_folder.Path, train: false).Count);
    }

    [Fact]
    public void AMissingFileIsNamed()
    {
        Assert.Throws<DirectoryNotFoundException>(() => Mnist.Load(_folder["nothing"], train: true));
        Assert.False(Mnist.IsPresent(_folder.Path));
        WriteHalf("train", 3, 3, "");
        var error = Assert.Throws<FileNotFoundException>(() => Mnist.Load(_folder.Path, train: false));
        Assert.Contains("t10k-images-idx3-ubyte", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ImagesAndLabelsMustBelongTogether()
    {
        WriteHalf("train", 3, 4, "");
        var error = Assert.Throws<TensorIOException>(() => Mnist.Load(_folder.Path, train: true));
        Assert.Contains("4 labels", error.Message, StringComparison.Ordinal);

        IdxFile.Write(_folder["train-labels-idx1-ubyte"], IdxType.UInt8, [3, 1], [0, 1, 2]);
        Assert.Throws<TensorIOException>(() => Mnist.Load(_folder.Path, train: true));
        IdxFile.Write(_folder["train-images-idx3-ubyte"], IdxType.Int16, [3, 1, 1], new byte[6]);
        Assert.Throws<TensorIOException>(() => Mnist.Load(_folder.Path, train: true));
    }

    [Fact]
    public void BatchesAreNormalized()
    {
        WriteHalf("train", 3, 3, "");
        var (images, labels) = Mnist.Load(_folder.Path, train: true).GetBatch([2, 0]);
        Assert.Equal([2, 1, 2, 2], images.Shape);
        Assert.Equal([2, 0], labels.ToArray<long>());
        var expected = new byte[] { 8, 9, 10, 11, 0, 1, 2, 3 }.Select(value => (value / 255.0 - 0.1307) / 0.3081)
            .ToArray();
        var actual = images.ToArray<float>();
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], actual[i], 1e-6);
    }

    [Fact]
    public void ASingleSampleIsItsPartOfABatch()
    {
        var digits = DrawnDigits.Create(5, seed: 3);
        var (image, label) = digits[4];
        var (images, labels) = digits.GetBatch([4]);
        Assert.Equal([1, 28, 28], image.Shape);
        Assert.Equal(0, label.NDim);
        Assert.Equal(images.ToArray<float>(), image.ToArray<float>());
        Assert.Equal(labels.ToArray<long>()[0], label.ToInt64());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(64)]
    [InlineData(784)]
    public void EveryByteIsConverted(int length)
    {
        var source = Enumerable.Range(0, length).Select(i => (byte)(i * 37)).ToArray();
        var target = new float[length];
        new Normalization(0.25f, 0.5f).Apply(source, target);
        for (var i = 0; i < length; i++)
            Assert.Equal((source[i] / 255.0 - 0.25) / 0.5, target[i], 1e-6);
    }

    [MnistFact]
    public void TheRealFilesHaveTheirKnownContent()
    {
        var train = Mnist.Load(MnistFactAttribute.Folder!, train: true);
        var test = Mnist.Load(MnistFactAttribute.Folder!, train: false);
        Assert.Equal((60_000, 10_000, 28, 28), (train.Count, test.Count, train.Height, test.Width));
        Assert.Equal([5, 0, 4, 1, 9, 2, 1, 3, 1, 4], train.Labels[..10].ToArray());
        Assert.Equal([7, 2, 1, 0, 4, 1, 4, 9, 5, 9], test.Labels[..10].ToArray());
        var counts = train.Labels.ToArray().CountBy(label => label).OrderBy(pair => pair.Key)
            .Select(pair => pair.Value);
        Assert.Equal([5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949], counts);
    }

    private void WriteHalf(string half, int images, int labels, string extension)
    {
        IdxFile.Write(_folder[$"{half}-images-idx3-ubyte{extension}"], IdxType.UInt8, [images, 2, 2],
            [.. Enumerable.Range(0, images * 4).Select(i => (byte)i)]);
        IdxFile.Write(_folder[$"{half}-labels-idx1-ubyte{extension}"], IdxType.UInt8, [labels],
            [.. Enumerable.Range(0, labels).Select(i => (byte)i)]);
    }
}
