// Compressed files, whole, in several members, cut off, damaged, and as bombs, of every format that may be compressed.

using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using TorchScratch.Data;
using TorchScratch.IO;

namespace TorchScratch.Tests.Data;

public sealed class CompressedInputTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<string> Formats => ["idx", "csv", "headless csv", "cifar", "names"];

    [Theory]
    [MemberData(nameof(Formats))]
    public void AFileCutOffAnywhereIsRefused(string format)
    {
        var whole = Gzip(Content(format));
        Assert.Equal(Content(format), Read(format, whole));
        for (var length = 0; length < whole.Length; length++)
        {
            if (length > 40 && length < whole.Length - 20 && length % 29 != 0)
                continue;
            Assert.Throws<TensorIOException>(() => Read(format, whole[..length]));
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void AFileWithAWrongBitIsRefused(string format)
    {
        var whole = Gzip(Content(format));
        var random = new Random(3);
        for (var i = 0; i < 100; i++)
        {
            var broken = whole.ToArray();
            // From the deflate data on, or in the trailer.
            var at = i % 3 == 0 ? whole.Length - 1 - random.Next(8) : random.Next(10, whole.Length);
            broken[at] ^= (byte)(1 << random.Next(8));
            // A bit of a stored block's padding says nothing; all others are covered by the checksum.
            try
            {
                Assert.Equal(Content(format), Read(format, broken));
                Assert.InRange(at, 10, whole.Length - 9);
            }
            catch (TensorIOException e)
            {
                Assert.Contains(_folder.Path, e.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void SeveralMembersAreOneContent(string format)
    {
        var content = Content(format);
        for (var cut = 0; cut <= content.Length; cut += 1 + content.Length / 9)
        {
            byte[] joined = [.. Gzip(content[..cut]), .. Gzip([]), .. Gzip(content[cut..])];
            Assert.Equal(content, Read(format, joined));
            // Zeros up to the end of a block, as on tapes.
            Assert.Equal(content, Read(format, [.. joined, .. new byte[512]]));
            Assert.Throws<TensorIOException>(() => Read(format, [.. joined, 1, 2, 3]));
            Assert.Throws<TensorIOException>(() => Read(format, [.. joined, 0x1F]));
            Assert.Throws<TensorIOException>(() => Read(format, joined[..^1]));
        }
    }

    [Fact]
    public void JoinedTablesWithAHeaderEachAreRefused()
    {
        byte[] joined = [.. Gzip("a,b\nx,2\n"u8.ToArray()), .. Gzip("a,b\ny,4\n"u8.ToArray())];
        var message = Assert.Throws<TensorIOException>(() => Read("csv", joined)).Message;
        Assert.Contains("line 3", message, StringComparison.Ordinal);
        // In one member it is a row like any other.
        Assert.Equal("a,b\nx,2\na,b\n"u8.ToArray(), Read("csv", Gzip("a,b\nx,2\na,b\n"u8.ToArray())));
    }

    [Fact]
    public void AllFieldsOfTheHeaderAreUnderstood()
    {
        var content = Content("csv");
        var plain = Gzip(content);
        // Extra data of 3 bytes, a name, a comment.
        byte[] header = [0x1F, 0x8B, 8, 4 | 8 | 16, 1, 2, 3, 4, 0, 3, 3, 0, 0, 1, 2, .. "n\0cd\0"u8];
        Assert.Equal(content, Read("csv", [.. header, .. plain[10..]]));
        for (var length = 10; length < header.Length; length++)
            Assert.Throws<TensorIOException>(() => Read("csv", header[..length]));
        // With the checksum of the header: the lower half of CRC-32, known for this header.
        byte[] known = [0x1F, 0x8B, 8, 2, 0, 0, 0, 0, 0, 3];
        var crc = Crc(known);
        Assert.Equal(content, Read("csv", [.. known, (byte)crc, (byte)(crc >> 8), .. plain[10..]]));
        Assert.Throws<TensorIOException>(() =>
            Read("csv", [.. known, (byte)~crc, (byte)(crc >> 8), .. plain[10..]]));
        plain[3] = 0x20;
        Assert.Throws<TensorIOException>(() => Read("csv", plain));
        plain[3] = 0;
        plain[2] = 7;
        Assert.Throws<TensorIOException>(() => Read("csv", plain));
    }

    [Theory]
    [MemberData(nameof(Formats))]
    public void ABombTakesLittleMemory(string format)
    {
        var start = Content(format);
        using var file = File.Create(_folder["bomb"]);
        using (var gzip = new GZipStream(file, CompressionLevel.SmallestSize, leaveOpen: true))
        {
            gzip.Write(format == "idx" ? [0, 0, 8, 1, 0x3F, 0xFF, 0xFF, 0xFF] : start);
            byte[] row = [.. format switch { "csv" => "1,1\n"u8, "headless csv" => "1\n"u8, _ => "\0"u8 }];
            var block = new byte[1 << 20];
            for (var i = 0; i < block.Length; i++)
                block[i] = row[i % row.Length];
            for (var i = 0; i < 100; i++)
                gzip.Write(block);
        }
        Assert.InRange(file.Length, 1, 200_000);
        file.Dispose();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<TensorIOException>(() => ReadFile(format, _folder["bomb"]));
        // IDX says how long it is, so it is read up to where it ends; the others are refused early.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 400L << 20);
    }

    [Fact]
    public void ManyEmptyMembersAreReadOneByOne()
    {
        var empty = Gzip([]);
        byte[] many = [.. Gzip(Content("idx")), .. Enumerable.Repeat(empty, 20_000).SelectMany(bytes => bytes)];
        Assert.Equal(Content("idx"), Read("idx", many));
    }

    [Fact]
    public void RegularContentIsReadAtAnyRatioWhereItsLengthIsKnown()
    {
        IdxFile.Write(_folder["zeros.gz"], IdxType.UInt8, [60_000, 28, 28], new byte[60_000 * 28 * 28]);
        Assert.InRange(new FileInfo(_folder["zeros.gz"]).Length, 1, 100_000);
        Assert.Equal(60_000 * 28 * 28, IdxFile.Read(_folder["zeros.gz"]).Count);
    }

    [Fact]
    public void OtherCompressionIsNamed()
    {
        foreach (var (start, name) in new (byte[], string)[]
        {
            ([0x50, 0x4B, 3, 4, 0], "zip"),
            ([0xFD, 0x37, 0x7A, 0x58, 0x5A], "xz"),
            ([0x28, 0xB5, 0x2F, 0xFD, 0], "zstd"),
        })
        {
            foreach (var format in (string[])["idx", "csv", "headless csv", "cifar", "names"])
            {
                foreach (var file in Directory.GetFiles(_folder.Path))
                    File.Delete(file);
                var message = Assert.Throws<TensorIOException>(() => Read(format, start)).Message;
                Assert.Contains($"compressed with {name}", message, StringComparison.Ordinal);
            }
        }
    }

    // What the platform compresses, in all its ways, comes back.
    [Fact]
    public void EveryKindOfContentAndLevelComesBack()
    {
        var random = new Random(5);
        for (var round = 0; round < 60; round++)
        {
            var content = new byte[random.Next(1 << random.Next(1, 19))];
            // From noise, which is stored, to long runs and repeated patterns, which are copied from near and far.
            var alphabet = 1 << random.Next(9);
            for (var i = 0; i < content.Length; i++)
                content[i] = (byte)random.Next(alphabet);
            for (var copies = random.Next(20); copies > 0 && content.Length > 1; copies--)
            {
                var length = random.Next(1, content.Length / 2 + 1);
                var to = random.Next(content.Length - length + 1);
                content.AsSpan(random.Next(content.Length - length + 1), length).CopyTo(content.AsSpan(to));
            }
            byte[] idx = [0, 0, 8, 1, 0, 0, 0, 0, .. content];
            BinaryPrimitives.WriteInt32BigEndian(idx.AsSpan(4), content.Length);
            foreach (var level in Enum.GetValues<CompressionLevel>())
                Assert.True(idx.AsSpan().SequenceEqual(Read("idx", Gzip(idx, level))), $"round {round}, {level}");
        }
    }

    [Fact]
    public void RandomDeflateDataAreNeverAForeignError()
    {
        var random = new Random(7);
        var good = Gzip(Content("idx"));
        for (var round = 0; round < 2000; round++)
        {
            var data = new byte[random.Next(1, 400)];
            random.NextBytes(data);
            if (round % 2 == 0)
                good.AsSpan(10, Math.Min(data.Length, good.Length - 10) / 2).CopyTo(data);
            // The last block, stored, with fixed or with own codes.
            data[0] = (byte)((data[0] & 0xF8) | 1 | round % 4 << 1);
            Assert.Throws<TensorIOException>(() => Read("idx", [.. good[..10], .. data]));
        }
    }

    // A block whose code has one symbol, of two zeros. The two ones after it are no symbol: read as a zero without end.
    [Fact]
    public void ACodeWithHolesDoesNotMakeContentOutOfNothing()
    {
        // The last block, with its own codes: 257 symbols, 1 distance, 19 lengths of lengths.
        var bits = new StringBuilder("1" + "01" + "00000" + "00000" + "1111");
        // In the order of the format: 18 has the code 0, 0 has 10 and 2 has 11.
        foreach (var symbol in (int[])[16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15])
            bits.Append(symbol switch { 18 => "100", 0 or 2 => "010", _ => "000" });
        // 138 and 118 zeros, 2 for the end of the block, no distance; then the two ones.
        bits.Append("0" + "1111111" + "0" + "1101011" + "11" + "10" + "11");
        var block = new byte[bits.Length / 8];
        for (var i = 0; i < block.Length * 8; i++)
            block[i / 8] |= (byte)((bits[i] - '0') << i % 8);
        // Before it, a stored block that declares 2^30 bytes.
        byte[] stored = [0, 8, 0, 0xF7, 0xFF, 0, 0, 8, 1, 0x40, 0, 0, 0];
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<TensorIOException>(() => Read("idx", [.. Gzip([])[..10], .. stored, .. block]));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 10 << 20);
    }

    // Where the buffer of the file ends says nothing about what is in it.
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(7)]
    public void AFileThatComesInPiecesIsTheSame(int piece)
    {
        foreach (var level in Enum.GetValues<CompressionLevel>())
        {
            var content = Content("csv");
            byte[] joined = [.. Gzip(content, level), .. Gzip([]), .. Gzip(content, level), 0, 0, 0];
            using var input = new GzipInput(new Pieces(joined, piece), "file", null);
            using var output = new MemoryStream();
            input.CopyTo(output);
            Assert.Equal([.. content, .. content], output.ToArray());
            Assert.Equal(3, input.Members);
        }
    }

    private byte[] Read(string format, byte[] file)
    {
        File.WriteAllBytes(_folder["file.gz"], file);
        return ReadFile(format, _folder["file.gz"]);
    }

    // The content as bytes again.
    private byte[] ReadFile(string format, string path)
    {
        switch (format)
        {
            case "idx":
                var array = IdxFile.Read(path);
                var head = new byte[8];
                (head[2], head[3]) = (8, 1);
                BinaryPrimitives.WriteInt32BigEndian(head.AsSpan(4), array.Count);
                return [.. head, .. array.Values<byte>()];
            case "csv":
            case "headless csv":
                var table = CsvTable.Load(path, new CsvOptions { HasHeader = format == "csv" });
                var text = new StringBuilder();
                if (format == "csv")
                    text.AppendJoin(',', table.ColumnNames).Append('\n');
                for (var row = 0; row < table.RowCount; row++)
                {
                    text.AppendJoin(',', Enumerable.Range(0, table.ColumnNames.Count).Select(i => table[row, i]))
                        .Append('\n');
                }
                return Encoding.UTF8.GetBytes(text.ToString());
            case "cifar":
                File.Copy(path, _folder["test_batch.bin.gz"], overwrite: true);
                var images = Cifar10.Load(_folder.Path, train: false);
                return [.. Enumerable.Range(0, images.Count).SelectMany(i =>
                    new[] { images.Labels[i] }.Concat(images.Pixels(i).ToArray()))];
            default:
                File.WriteAllBytes(_folder["test_batch.bin"], new byte[3073]);
                File.Copy(path, _folder["batches.meta.txt.gz"], overwrite: true);
                return Encoding.UTF8.GetBytes(string.Concat(
                    Cifar10.Load(_folder.Path, train: false).ClassNames!.Select(name => name + "\n")));
        }
    }

    private static byte[] Content(string format)
    {
        var random = new Random(1);
        switch (format)
        {
            case "idx":
                var elements = new byte[1000];
                random.NextBytes(elements);
                return [0, 0, 8, 1, 0, 0, 3, 0xE8, .. elements];
            case "csv":
            case "headless csv":
                var columns = format == "csv" ? 2 : 1;
                var text = new StringBuilder(format == "csv" ? "left,right\n" : "");
                for (var row = 0; row < 300; row++)
                    text.AppendJoin(',', Enumerable.Range(0, columns).Select(_ => random.Next(10000))).Append('\n');
                return Encoding.UTF8.GetBytes(text.ToString());
            case "cifar":
                var records = new byte[3 * 3073];
                random.NextBytes(records);
                for (var i = 0; i < records.Length; i += 3073)
                    records[i] %= 10;
                return records;
            default:
                return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, 10).Select(i => $"class {i}\n")));
        }
    }

    private static byte[] Gzip(byte[] content, CompressionLevel level = CompressionLevel.Optimal)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, level, leaveOpen: true))
        {
            // So that there is a header even without content.
            gzip.Flush();
            gzip.Write(content);
        }
        return compressed.Length > 0 ? compressed.ToArray()
            : [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 3, 3, 0, 0, 0, 0, 0, 0, 0, 0, 0];
    }

    private sealed class Pieces(byte[] bytes, int piece) : MemoryStream(bytes)
    {
        public override int Read(byte[] buffer, int offset, int count) =>
            base.Read(buffer, offset, Math.Min(count, piece));
    }

    private static uint Crc(byte[] bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0xEDB88320 : crc >> 1;
        }
        return ~crc;
    }
}
