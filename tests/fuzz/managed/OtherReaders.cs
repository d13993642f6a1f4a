// Readers over libraries of the system: images over its codecs, plugins over its loader.

using System.IO.Compression;
using TorchScratch.Data;
using TorchScratch.Images;

namespace TorchScratch.Fuzz.Files;

internal static class OtherReaders
{
    public static IEnumerable<FileReader> All()
    {
        if (PlatformImageDecoder.IsAvailable)
        {
            yield return new Image(".png", Png);
            yield return new Image(".bmp", Bmp);
        }
        if (SharedFiles.TestPlugin() is { } plugin)
            yield return new TruncatedPlugin(plugin);
        yield return new Anything();
    }

    private sealed class Image(string extension, Func<byte[]> make) : FileReader
    {
        public override string Name => $"ImageFolder {extension}";

        public override string FileName => $"class/image{extension}";

        public override IEnumerable<byte[]> Seeds() => [make()];

        public override void Read(string path)
        {
            var images = new ImageFolder(Path.GetDirectoryName(Path.GetDirectoryName(path))!, 8, 6,
                decoder: new PlatformImageDecoder(maxPixels: 1 << 20));
            images.GetBatch([0]);
        }
    }

    // A library that lacks its end must be refused before the system maps it; other damage would be the library's code.
    private sealed class TruncatedPlugin(string path) : FileReader
    {
        public override string Name => "Plugin.Load";

        public override string FileName => $"plugin{Environment.TickCount64}.so";

        public override bool OnlyTruncate => true;

        public override IEnumerable<byte[]> Seeds() => [File.ReadAllBytes(path)];

        public override void Read(string path) => Plugin.Load(path);
    }

    // Files of other formats, given to every reader that could be asked to open them.
    private sealed class Anything : FileReader
    {
        public override string Name => "files of other formats";

        public override string FileName => "file";

        public override IEnumerable<byte[]> Seeds()
        {
            yield return [];
            yield return "PK\u0003\u0004"u8.ToArray();
            yield return [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y', 1, 0];
            foreach (var file in SharedFiles.Find("*"))
                yield return File.ReadAllBytes(file);
        }

        public override void Read(string path)
        {
            Action<string>[] readers =
            [
                file => IO.SafeTensors.Load(file), file => IO.SafeTensors.ReadMetadata(file), file => IdxFile.Read(file),
                file => CsvTable.Load(file), file => CharTokenizer.Load(file), file => BytePairTokenizer.Load(file),
                file => Training.TrainingCheckpoint.Inspect(file), file => new NN.Linear(2, 2).Load(file),
            ];
            foreach (var read in readers)
            {
                try
                {
                    read(path);
                }
                catch (TensorIOException)
                {
                    // As it should be.
                }
                catch (NN.StateDictException)
                {
                    // A file with tensors.
                }
            }
        }
    }

    private static byte[] Bmp()
    {
        const int width = 4, height = 3;
        var bytes = new byte[54 + height * width * 3];
        "BM"u8.CopyTo(bytes);
        BitConverter.TryWriteBytes(bytes.AsSpan(2), bytes.Length);
        BitConverter.TryWriteBytes(bytes.AsSpan(10), 54);
        BitConverter.TryWriteBytes(bytes.AsSpan(14), 40);
        BitConverter.TryWriteBytes(bytes.AsSpan(18), width);
        BitConverter.TryWriteBytes(bytes.AsSpan(22), height);
        bytes[26] = 1;
        bytes[28] = 24;
        return bytes;
    }

    private static byte[] Png()
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        Chunk(file, "IHDR", [0, 0, 0, 4, 0, 0, 0, 3, 8, 2, 0, 0, 0]);
        using var data = new MemoryStream();
        using (var stream = new ZLibStream(data, CompressionLevel.Fastest, leaveOpen: true))
            stream.Write(new byte[3 * (1 + 4 * 3)]);
        Chunk(file, "IDAT", data.ToArray());
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    private static void Chunk(Stream file, string type, byte[] data)
    {
        byte[] body = [.. System.Text.Encoding.ASCII.GetBytes(type), .. data];
        file.Write(BigEndian((uint)data.Length));
        file.Write(body);
        file.Write(BigEndian(Crc(body)));
    }

    private static byte[] BigEndian(uint value) => [(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value];

    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (0xEDB88320 & (0 - (crc & 1)));
        }
        return ~crc;
    }
}
