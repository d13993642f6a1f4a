// Folders of image files.

using System.Buffers.Binary;
using System.IO.Compression;
using TorchScratch.Data;
using TorchScratch.Images;

namespace TorchScratch.Tests.Data;

/// <summary>Skipped if the platform has no codecs.</summary>
public sealed class CodecFactAttribute : FactAttribute
{
    public CodecFactAttribute() => Skip = PlatformImageDecoder.IsAvailable ? null : "needs gdk-pixbuf";
}

public sealed class ImageFolderTests : IDisposable
{
    // 16 x 8 pixels of (200, 100, 50), compressed with quality 75.
    private const string Jpeg =
        "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkSEw8UHRofHh0aHBwgJC4nICIsIxwcKDcpLDAx" +
        "NDQ0Hyc5PTgyPC4zNDL/2wBDAQkJCQwLDBgNDRgyIRwhMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIyMjIy" +
        "MjIyMjIyMjL/wAARCAAIABADASIAAhEBAxEB/8QAHwAAAQUBAQEBAQEAAAAAAAAAAAECAwQFBgcICQoL/8QAtRAAAgEDAwIEAwUF" +
        "BAQAAAF9AQIDAAQRBRIhMUEGE1FhByJxFDKBkaEII0KxwRVS0fAkM2JyggkKFhcYGRolJicoKSo0NTY3ODk6Q0RFRkdISUpTVFVW" +
        "V1hZWmNkZWZnaGlqc3R1dnd4eXqDhIWGh4iJipKTlJWWl5iZmqKjpKWmp6ipqrKztLW2t7i5usLDxMXGx8jJytLT1NXW19jZ2uHi" +
        "4+Tl5ufo6erx8vP09fb3+Pn6/8QAHwEAAwEBAQEBAQEBAQAAAAAAAAECAwQFBgcICQoL/8QAtREAAgECBAQDBAcFBAQAAQJ3AAEC" +
        "AxEEBSExBhJBUQdhcRMiMoEIFEKRobHBCSMzUvAVYnLRChYkNOEl8RcYGRomJygpKjU2Nzg5OkNERUZHSElKU1RVVldYWVpjZGVm" +
        "Z2hpanN0dXZ3eHl6goOEhYaHiImKkpOUlZaXmJmaoqOkpaanqKmqsrO0tba3uLm6wsPExcbHyMnK0tPU1dbX2Nna4uPk5ebn6Onq" +
        "8vP09fb3+Pn6/9oADAMBAAIRAxEAPwCOiiivmj7A/9k=";

    private static readonly byte[] Pixels = [.. Enumerable.Range(0, 3 * 4 * 2).Select(i => (byte)(10 * i))];
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [CodecFact]
    public void FilesOfAllKindsAreRead()
    {
        Directory.CreateDirectory(_folder["cat"]);
        Directory.CreateDirectory(_folder["Dog"]);
        File.WriteAllBytes(Path.Combine(_folder["cat"], "a.PNG"), Png(4, 2, Pixels));
        File.WriteAllBytes(Path.Combine(_folder["cat"], "größe.bmp"), Bmp(4, 2, Pixels));
        File.WriteAllText(Path.Combine(_folder["cat"], "notes.txt"), "no image");
        File.WriteAllBytes(Path.Combine(_folder["Dog"], "b.jpg"), Convert.FromBase64String(Jpeg));
        var images = new ImageFolder(_folder.Path, height: 2, width: 4);
        Assert.Equal(["Dog", "cat"], images.ClassNames);
        Assert.Equal(3, images.Count);
        Assert.EndsWith("b.jpg", images.PathOf(0), StringComparison.Ordinal);

        var (x, y) = images.GetBatch([2, 1, 0]);
        Assert.Equal([3, 3, 2, 4], x.Shape);
        Assert.Equal([1, 1, 0], y.ToArray<long>());
        var planes = Enumerable.Range(0, 24).Select(i => Pixels[i % 8 * 3 + i / 8] / 255f).ToArray();
        var values = x.ToArray<float>();
        Assert.Equal(planes, values[..24], Near(1e-6));
        Assert.Equal(planes, values[24..48], Near(1e-6));
        // JPEG is lossy: at quality 75 the means of luma and chroma are quantized in steps of 8/8 and 9/8. Half a step
        // of luma, half a step of chroma times 1.772, and 1 for rounding add up to 2.5.
        for (var i = 0; i < 24; i++)
            Assert.Equal(new[] { 200, 100, 50 }[i / 8] / 255.0, values[48 + i], 2.5 / 255.0);
        Assert.Equal(values[..24], images[2].Input.ToArray<float>());

        var normalized = new ImageFolder(_folder.Path, 2, 4, Normalization.ImageNet)[2].Input.ToArray<float>();
        for (var i = 0; i < 24; i++)
        {
            var (mean, deviation) = Normalization.ImageNet[i / 8];
            Assert.Equal((planes[i] - mean) / deviation, normalized[i], 1e-5);
        }
    }

    [CodecFact]
    public void DamagedFilesAreNamedAndLeaveNothing()
    {
        Directory.CreateDirectory(_folder["a"]);
        File.WriteAllBytes(Path.Combine(_folder["a"], "good.png"), Png(4, 2, Pixels));
        File.WriteAllBytes(Path.Combine(_folder["a"], "short.png"), Png(4, 2, Pixels)[..40]);
        File.WriteAllText(Path.Combine(_folder["a"], "text.jpg"), "no image");
        var images = new ImageFolder(_folder.Path, 2, 2);
        var before = Runtime.AllocatorStatistics.LiveBytes;
        Assert.Contains("short.png: ", Assert.Throws<TensorIOException>(() => images.GetBatch([0, 1])).Message,
            StringComparison.Ordinal);
        Assert.Contains("text.jpg: ", Assert.Throws<TensorIOException>(() => images.GetBatch([0, 2])).Message,
            StringComparison.Ordinal);
        // Fewer tensors are possible if garbage of earlier tests was collected in the meantime.
        Assert.InRange(Runtime.AllocatorStatistics.LiveBytes, 0, before);
        Assert.Contains("4 x 2 pixels, more than the limit of 7", Assert.Throws<TensorIOException>(() =>
            new PlatformImageDecoder(maxPixels: 7).Decode(images.PathOf(0))).Message, StringComparison.Ordinal);
        Assert.Throws<FileNotFoundException>(() => new PlatformImageDecoder().Decode(_folder["nothing.png"]));
    }

    [CodecFact]
    public void WorkersReadAtOnce()
    {
        for (var label = 0; label < 3; label++)
        {
            Directory.CreateDirectory(_folder[$"{label}"]);
            for (var i = 0; i < 20; i++)
                File.WriteAllBytes(Path.Combine(_folder[$"{label}"], $"{i}.png"),
                    Png(1, 1, [(byte)(60 * label), (byte)i, 0]));
        }
        var images = new ImageFolder(_folder.Path, 4, 4);
        var alone = new DataLoader(images, batchSize: 7, shuffle: true);
        var helped = new DataLoader(images, batchSize: 7, shuffle: true, workers: 4);
        foreach (var (expected, actual) in alone.Zip(helped))
        {
            Assert.Equal(expected.Inputs.ToArray<float>(), actual.Inputs.ToArray<float>());
            Assert.Equal(expected.Targets.ToArray<long>(), actual.Targets.ToArray<long>());
        }
    }

    [Fact]
    public void FoldersWithoutImagesAreErrors()
    {
        Assert.Throws<DirectoryNotFoundException>(() => new ImageFolder(_folder["nothing"], 2, 2));
        Assert.Throws<TensorIOException>(() => new ImageFolder(_folder.Path, 2, 2));
        Directory.CreateDirectory(_folder["empty"]);
        Assert.Contains("empty has no image files", Assert.Throws<TensorIOException>(() =>
            new ImageFolder(_folder.Path, 2, 2)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnotherDecoderCanBeUsed()
    {
        Directory.CreateDirectory(_folder["a"]);
        File.WriteAllText(Path.Combine(_folder["a"], "x.png"), "");
        var images = new ImageFolder(_folder.Path, 1, 1, decoder: new Constant());
        Assert.Equal([1f, 0.2f, 0f], images[0].Input.ToArray<float>(), Near(1e-6));
    }

    [Fact]
    public void ShrinkingAveragesAndGrowingInterpolates()
    {
        // Grey columns 0, 30, 60, 90, reduced to two columns with a triangle of width 4 that is cut off at the border.
        byte[] row = [0, 0, 0, 30, 30, 30, 60, 60, 60, 90, 90, 90];
        var image = new DecodedImage(4, 1, row);
        // Pixels 0, 1, 2 are 0.5, 0.5, 1.5 from the centre. The weight falls to 0 at distance 2, so they
        // have 3/7, 3/7, 1/7.
        Assert.Equal([(0 * 3 + 30 * 3 + 60) / 7f, (90 * 3 + 60 * 3 + 30) / 7f], Resize(image, 1, 2)[..2], Near(1e-4));
        Assert.Equal([0, 7.5f, 22.5f, 37.5f, 52.5f, 67.5f, 82.5f, 90], Resize(image, 1, 8)[..8], Near(1e-4));
        Assert.Equal([0, 30, 60, 90], Resize(image, 1, 4)[..4], Near(1e-4));
        // The target is twice as high as wide, so a strip of half a pixel is taken from the middle.
        Assert.Equal([45, 45], Resize(image, 2, 1, ImageFit.Crop)[..2], Near(1e-4));

        static float[] Resize(DecodedImage image, int height, int width, ImageFit fit = ImageFit.Stretch)
        {
            var result = new float[3 * height * width];
            ImageResizer.Resize(image, height, width, fit, result);
            return result;
        }
    }

    private static Func<float, float, bool> Near(double tolerance) => (a, b) => Math.Abs(a - b) <= tolerance;

    private static byte[] Bmp(int width, int height, byte[] rgb)
    {
        // Bottom row first, blue first, rows padded to 4 bytes.
        var stride = (3 * width + 3) / 4 * 4;
        var file = new byte[54 + stride * height];
        "BM"u8.CopyTo(file);
        foreach (var (offset, value) in new[] { (2, file.Length), (10, 54), (14, 40), (18, width), (22, height),
            (34, stride * height) })
            BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(offset), value);
        (file[26], file[28]) = (1, 24);
        for (var y = 0; y < height; y++)
        {
            for (var i = 0; i < 3 * width; i++)
                file[54 + (height - 1 - y) * stride + i] = rgb[(y * width + i / 3) * 3 + 2 - i % 3];
        }
        return file;
    }

    private static byte[] Png(int width, int height, byte[] rgb)
    {
        using var content = new MemoryStream();
        using (var zlib = new ZLibStream(content, CompressionLevel.Fastest, leaveOpen: true))
        {
            foreach (var row in rgb.Chunk(3 * width))
                zlib.Write([0, .. row]);
        }
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 2);
        return [0x89, .. "PNG\r\n"u8, 0x1A, 0x0A, .. Chunk("IHDR"u8, header), .. Chunk("IDAT"u8, content.ToArray()),
            .. Chunk("IEND"u8, [])];

        static byte[] Chunk(ReadOnlySpan<byte> type, byte[] data)
        {
            byte[] chunk = [0, 0, 0, 0, .. type, .. data, 0, 0, 0, 0];
            BinaryPrimitives.WriteInt32BigEndian(chunk, data.Length);
            var crc = uint.MaxValue;
            foreach (var value in chunk[4..^4])
            {
                crc ^= value;
                for (var bit = 0; bit < 8; bit++)
                    crc = (crc >> 1) ^ (0xEDB88320 * (crc & 1));
            }
            BinaryPrimitives.WriteUInt32BigEndian(chunk.AsSpan(chunk.Length - 4), ~crc);
            return chunk;
        }
    }

    private sealed class Constant : IImageDecoder
    {
        public DecodedImage Decode(string path) => new(1, 1, [255, 51, 0]);
    }
}
