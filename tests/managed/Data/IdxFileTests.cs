// IDX files, intact, broken and forged.

using System.IO.Compression;
using System.Runtime.InteropServices;
using TorchScratch.Data;

namespace TorchScratch.Tests.Data;

public sealed class IdxFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("file")]
    [InlineData("file.gz")]
    public void EveryElementTypeComesBack(string name)
    {
        RoundTrip<byte>(name, IdxType.UInt8, [0, 1, 254, 255, 7, 8]);
        RoundTrip<sbyte>(name, IdxType.Int8, [-128, -1, 0, 1, 126, 127]);
        RoundTrip<short>(name, IdxType.Int16, [short.MinValue, -2, 0, 1, 258, short.MaxValue]);
        RoundTrip(name, IdxType.Int32, [int.MinValue, -2, 0, 1, 0x01020304, int.MaxValue]);
        RoundTrip(name, IdxType.Float32, [float.MinValue, -0f, 1.5f, float.NaN, float.Epsilon, float.PositiveInfinity]);
        RoundTrip(name, IdxType.Float64,
            [double.MinValue, -0.0, 1.5, double.NaN, double.Epsilon, double.NegativeInfinity]);
    }

    [Fact]
    public void ElementsAreBigEndianInTheFile()
    {
        File.WriteAllBytes(_folder["file"], [0, 0, 0x0B, 1, 0, 0, 0, 2, 0x01, 0x02, 0xFF, 0xFE]);
        Assert.Equal([0x0102, -2], IdxFile.Read(_folder["file"]).Values<short>().ToArray());
    }

    [Fact]
    public void AskingForAnotherTypeIsAnError()
    {
        IdxFile.Write(_folder["file"], IdxType.UInt8, [2], [1, 2]);
        var array = IdxFile.Read(_folder["file"]);
        Assert.Throws<InvalidOperationException>(() => array.Values<sbyte>().Length);
    }

    [Fact]
    public void AnEmptyArrayIsFine()
    {
        IdxFile.Write(_folder["file"], IdxType.Float64, [0, 28, 28], []);
        var array = IdxFile.Read(_folder["file"]);
        Assert.Equal([0, 28, 28], array.Shape);
        Assert.Equal(0, array.Count);
    }

    [Theory]
    [InlineData(new byte[] { }, "offset 0", "magic number")]
    [InlineData(new byte[] { 0, 0, 8 }, "offset 3", "magic number")]
    [InlineData(new byte[] { 1, 0, 8, 1, 0, 0, 0, 0 }, "offset 0", "01000801")]
    [InlineData(new byte[] { 0, 0, 0x0A, 1, 0, 0, 0, 0 }, "offset 0", "00000A01")]
    [InlineData(new byte[] { 0, 0, 8, 0 }, "offset 3", "0 dimensions")]
    [InlineData(new byte[] { 0, 0, 8, 9 }, "offset 3", "9 dimensions")]
    [InlineData(new byte[] { 0, 0, 8, 2, 0, 0, 0, 1, 0, 0 }, "offset 10", "size of dimension 1")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 3, 1, 2 }, "offset 10", "3 bytes of elements")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0, 0, 0, 3, 1, 2, 3, 4 }, "offset 11", "the file should end after")]
    [InlineData(new byte[] { 0, 0, 8, 1, 0xFF, 0xFF, 0xFF, 0xFF }, "offset 4", "4294967295")]
    [InlineData(new byte[] { 0, 0, 0x0E, 3, 0, 1, 0, 0, 0, 1, 0, 0, 0xFF, 0xFF, 0xFF, 0xFF }, "offset 8",
        "dimension 1")]
    [InlineData(new byte[] { 0, 0, 8, 2, 0, 0, 0, 0, 0x80, 0, 0, 0 }, "offset 8", "2147483648")]
    public void ABrokenFileIsReportedWithTheOffset(byte[] content, string offset, string expected)
    {
        ArgumentNullException.ThrowIfNull(content);
        // Of no content, .NET's compressor makes an empty file, which is no gzip file.
        foreach (var name in content.Length == 0 ? ["file"] : new[] { "file", "file.gz" })
        {
            var path = _folder[name];
            File.WriteAllBytes(path, name == "file" ? content : Compress(content));
            var message = Assert.Throws<TensorIOException>(() => IdxFile.Read(path)).Message;
            Assert.Contains(path, message, StringComparison.Ordinal);
            Assert.Contains($"{offset}:", message, StringComparison.Ordinal);
            Assert.Contains(expected, message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AForgedHeaderTakesNoMemory(bool isCompressed)
    {
        // The header announces a gigabyte, which is within the limit, but only ten bytes follow.
        byte[] content = [0, 0, 8, 1, 0x3F, 0xFF, 0xFF, 0xFF, .. new byte[10]];
        File.WriteAllBytes(_folder["file"], isCompressed ? Compress(content) : content);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<TensorIOException>(() => IdxFile.Read(_folder["file"]));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 4 << 20);
    }

    [Fact]
    public void TheLimitHolds()
    {
        IdxFile.Write(_folder["file"], IdxType.UInt8, [100], new byte[100]);
        Assert.Equal(100, IdxFile.Read(_folder["file"], maxBytes: 100).Count);
        var error = Assert.Throws<TensorIOException>(() => IdxFile.Read(_folder["file"], maxBytes: 99));
        Assert.Contains("99 bytes allowed", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DamagedCompressionIsATypedError()
    {
        var random = new Random(1);
        var elements = new byte[100_000];
        random.NextBytes(elements);
        IdxFile.Write(_folder["file.gz"], IdxType.UInt8, [elements.Length], elements);
        var whole = File.ReadAllBytes(_folder["file.gz"]);
        for (var i = 0; i < 50; i++)
        {
            var broken = whole.ToArray();
            // After the header of gzip, whose time stamp and flags do not concern the content.
            broken[random.Next(10, broken.Length)] ^= (byte)(1 << random.Next(8));
            File.WriteAllBytes(_folder["file.gz"], broken);
            Assert.Throws<TensorIOException>(() => IdxFile.Read(_folder["file.gz"]));
            File.WriteAllBytes(_folder["file.gz"], whole[..random.Next(10, whole.Length - 1)]);
            Assert.Throws<TensorIOException>(() => IdxFile.Read(_folder["file.gz"]));
        }
    }

    [Fact]
    public void AMissingFileIsNotFound() =>
        Assert.Throws<FileNotFoundException>(() => IdxFile.Read(_folder["nothing"]));

    [Fact]
    public void AFolderIsNoFile()
    {
        Directory.CreateDirectory(_folder["folder"]);
        Assert.Contains("folder: this is a folder", Assert.Throws<TensorIOException>(() =>
            IdxFile.Read(_folder["folder"])).Message, StringComparison.Ordinal);
        Assert.Throws<TensorIOException>(() => CsvTable.Load(_folder["folder"]));
        Assert.Throws<TensorIOException>(() => CsvDataset.Load(_folder["folder"]));
        Assert.Throws<FileNotFoundException>(() => CsvDataset.Load(_folder["nothing"]));
    }

    [Fact]
    public void SizesThatNoArrayHasAreRefused()
    {
        const int Max = int.MaxValue;
        Refuses<ArgumentException>("shape", IdxType.UInt8, [-1, -1]);
        Refuses<ArgumentException>("shape", IdxType.UInt8, [int.MinValue, 0]);
        Refuses<ArgumentException>("elements", IdxType.Float64, [Max, Max, Max, Max, Max, Max, Max, Max]);
        Refuses<ArgumentOutOfRangeException>("type", (IdxType)7, [1]);
        IdxFile.Write(_folder["empty"], IdxType.Float64, [3, 0], []);
        Assert.Equal(0, IdxFile.Read(_folder["empty"]).Count);

        void Refuses<T>(string parameter, IdxType type, int[] shape) where T : ArgumentException
        {
            Assert.Equal(parameter, Assert.Throws<T>(() => IdxFile.Write(_folder["file"], type, shape, [1])).ParamName);
            Assert.False(File.Exists(_folder["file"]));
        }
    }

    private void RoundTrip<T>(string name, IdxType type, T[] values) where T : unmanaged
    {
        IdxFile.Write(_folder[name], type, [2, 3], MemoryMarshal.AsBytes<T>(values));
        var array = IdxFile.Read(_folder[name]);
        Assert.Equal(type, array.Type);
        Assert.Equal([2, 3], array.Shape);
        // Compared as bytes, since NaN differs from itself.
        Assert.Equal(MemoryMarshal.AsBytes<T>(values).ToArray(), MemoryMarshal.AsBytes(array.Values<T>()).ToArray());
    }

    private static byte[] Compress(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
            gzip.Write(content);
        return compressed.ToArray();
    }
}
