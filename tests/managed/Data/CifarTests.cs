// The files of CIFAR, intact and damaged, and images with several channels.

using System.IO.Compression;
using TorchScratch.Data;

namespace TorchScratch.Tests.Data;

public sealed class CifarTests : IDisposable
{
    private const int Pixels = 3 * 32 * 32;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("")]
    [InlineData(".gz")]
    public void WhicheverTrainingFilesAreThereAreRead(string extension)
    {
        Write($"data_batch_2.bin{extension}", Record(3), Record(9));
        Write($"data_batch_4.bin{extension}", Record(1));
        Assert.False(Cifar10.IsPresent(_folder.Path));
        Write($"test_batch.bin{extension}", Record(7));
        Assert.True(Cifar10.IsPresent(_folder.Path));
        var train = Cifar10.Load(_folder.Path, train: true);
        Assert.Equal([3, 9, 1], train.Labels.ToArray());
        Assert.Equal(new ImageShape(3, 32, 32), train.Shape);
        Assert.Equal(Record(9)[1..], train.Pixels(1).ToArray());
        Assert.Equal("truck", train.ClassNames![9]);
        Assert.Equal(7, Assert.Single(Cifar10.Load(_folder.Path, train: false).Labels.ToArray()));
    }

    [Fact]
    public void EachChannelHasItsNormalization()
    {
        Write("data_batch_1.bin", Record(0), Record(5));
        var images = Cifar10.Load(_folder.Path, train: true);
        var (batch, labels) = images.GetBatch([1, 0]);
        Assert.Equal([2, 3, 32, 32], batch.Shape);
        Assert.Equal([5, 0], labels.ToArray<long>());
        var values = batch.ToArray<float>();
        var pixels = Record(5)[1..];
        for (var i = 0; i < Pixels; i++)
        {
            var (mean, deviation) = Normalization.Cifar10[i / 1024];
            Assert.Equal((pixels[i] / 255.0 - mean) / deviation, values[i], 1e-5);
        }
        Assert.Equal([3, 32, 32], images[0].Input.Shape);
        var plain = Cifar10.Load(_folder.Path, train: true, [Normalization.None]).GetBatch([0]).Inputs.ToArray<float>();
        Assert.Equal(Record(0)[1..].Select(value => value / 255f), plain, (a, b) => Math.Abs(a - b) < 1e-6);
    }

    [Fact]
    public void NamesComeFromTheirFile()
    {
        Write("data_batch_1.bin", Record(1));
        File.WriteAllText(_folder["batches.meta.txt"], "a\nb\nc\nd\ne\nf\ng\nh\ni\nj\n\n");
        Assert.Equal("b", Cifar10.Load(_folder.Path, train: true).ClassNames![1]);
        File.WriteAllText(_folder["batches.meta.txt"], "a\nb\n");
        var error = Assert.Throws<TensorIOException>(() => Cifar10.Load(_folder.Path, train: true));
        Assert.Contains("batches.meta.txt: 2 class names, expected 10", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DamageIsReported()
    {
        Assert.Throws<DirectoryNotFoundException>(() => Cifar10.Load(_folder["nothing"], train: true));
        Assert.Contains("data_batch_1.bin", Assert.Throws<FileNotFoundException>(() =>
            Cifar10.Load(_folder.Path, train: true)).Message, StringComparison.Ordinal);
        Assert.Contains("offset 3173: the file ends here", Message(Record(1), Record(2)[..100]),
            StringComparison.Ordinal);
        Assert.Contains("offset 3073: label 10, expected 0 to 9", Message(Record(1), Record(10)),
            StringComparison.Ordinal);
        Assert.Contains("the file is empty", Message(), StringComparison.Ordinal);

        string Message(params byte[][] records)
        {
            Write("data_batch_1.bin", records);
            return Assert.Throws<TensorIOException>(() => Cifar10.Load(_folder.Path, train: true)).Message;
        }
    }

    [Fact]
    public void Cifar100HasTwoLabels()
    {
        Write("train.bin", [4, .. Record(77)], [19, .. Record(99)]);
        Assert.Equal([77, 99], Cifar100.Load(_folder.Path, train: true).Labels.ToArray());
        var coarse = Cifar100.Load(_folder.Path, train: true, Cifar100Labels.Coarse);
        Assert.Equal([4, 19], coarse.Labels.ToArray());
        Assert.Equal(Record(99)[1..], coarse.Pixels(1).ToArray());
        Assert.Null(coarse.ClassNames);
        Write("train.bin", [20, .. Record(1)]);
        Assert.Throws<TensorIOException>(() => Cifar100.Load(_folder.Path, train: true));
        Assert.False(Cifar100.IsPresent(_folder.Path));
    }

    [Fact]
    public void FashionMnistHasClassNames()
    {
        IdxFile.Write(_folder["train-images-idx3-ubyte"], IdxType.UInt8, [2, 1, 1], [0, 255]);
        IdxFile.Write(_folder["train-labels-idx1-ubyte"], IdxType.UInt8, [2], [9, 0]);
        var train = FashionMnist.Load(_folder.Path, train: true);
        Assert.Equal("Ankle boot", train.ClassNames![train.Labels[0]]);
        Assert.Equal((1 - 0.2860) / 0.3530, train[1].Input.ToSingle(), 1e-5);
        IdxFile.Write(_folder["train-labels-idx1-ubyte"], IdxType.UInt8, [2], [9, 10]);
        Assert.Contains("offset 9: label 10", Assert.Throws<TensorIOException>(() =>
            FashionMnist.Load(_folder.Path, train: true)).Message, StringComparison.Ordinal);
    }

    [RealDataFact("cifar10/data_batch_1.bin")]
    public void TheRealFilesHaveTheirKnownContent()
    {
        var folder = Path.GetDirectoryName(RealDataFactAttribute.PathOf("cifar10/data_batch_1.bin"))!;
        var train = Cifar10.Load(folder, train: true);
        Assert.Equal(0, train.Count % 10_000);
        Assert.Equal([6, 9, 9, 4, 1, 1, 2, 7, 8, 3], train.Labels[..10].ToArray());
        int[] counts = [1005, 974, 1032, 1016, 999, 937, 1030, 1001, 1025, 981];
        for (var label = 0; label < 10; label++)
            Assert.Equal(counts[label], train.Labels[..10_000].Count((byte)label));
        if (Cifar10.IsPresent(folder))
            Assert.Equal([3, 8, 8, 0, 6, 6, 1, 6, 3, 1], Cifar10.Load(folder, train: false).Labels[..10].ToArray());
    }

    private static byte[] Record(byte label) =>
        [label, .. Enumerable.Range(0, Pixels).Select(i => (byte)(i * 7 + label * 31))];

    private void Write(string name, params byte[][] records)
    {
        using Stream file = name.EndsWith(".gz", StringComparison.Ordinal)
            ? new GZipStream(File.Create(_folder[name]), CompressionLevel.Fastest)
            : File.Create(_folder[name]);
        foreach (var record in records)
            file.Write(record);
    }
}
