// The folder of a run: rows after a resumption, an event file that can be read back, and a self-contained page.

using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Xml.Linq;
using TorchScratch.Tests.Data;
using TorchScratch.Training;

namespace TorchScratch.Tests.Training;

public class RunFolderTests
{
    [Theory]
    [InlineData(10, "7", "card", "matrix")]
    [InlineData(10, "automobile", "card broad", "matrix")]
    [InlineData(20, "large_carnivores", "card broad", "matrix small")]
    public void AMatrixGetsTheWidthThatItsLabelsNeed(int classes, string label, string card, string table)
    {
        using var folder = new TemporaryFolder();
        var matrix = new ConfusionMatrix(classes, [.. Enumerable.Repeat(label, classes)]);
        matrix.RestoreState([.. Enumerable.Repeat(1.0, classes * classes)]);
        new Report().Save(folder["report.html"], [], [matrix]);
        var page = File.ReadAllText(folder["report.html"]);
        Assert.Contains($"<figure class=\"{card}\">", page, StringComparison.Ordinal);
        Assert.Contains($"<table class=\"{table}\">", page, StringComparison.Ordinal);
    }

    [Fact]
    public void RowsAreAppendedAndCutAndANewColumnIsFilledWithNothing()
    {
        using var folder = new TemporaryFolder();
        using (var run = RunFolder.Create(folder["run"]))
        {
            run.Log(10, 0, [new("step/loss", 0.1)]);
            run.Log(20, 0, [new("step/loss", 1.0 / 3)]);
            run.Log(20, 0, [new("validation/accuracy", 0.5, IsFraction: true)]);
            run.Log(30, 1, [new("step/loss", double.NaN)]);
        }
        File.AppendAllText(folder["run/metrics.csv"], "40,1,0.");
        using (var run = RunFolder.Open(folder["run"]))
        {
            Assert.Equal([10, 20, 20, 30], run.Rows.Select(row => row.Step));
            Assert.Equal(1.0 / 3, run.Rows[1].Values[0].Value);
            run.CutAfter(20);
            run.Log(30, 1, [new("step/loss", 0.25)]);
        }
        Assert.Equal("step,epoch,step/loss,validation/accuracy\n" +
            "10,0,0.1,\n20,0,0.3333333333333333,\n20,0,,0.5\n30,1,0.25,\n",
            File.ReadAllText(folder["run/metrics.csv"]));
    }

    [Fact]
    public void ANewRunMovesAnOldOneAside()
    {
        using var folder = new TemporaryFolder();
        for (var i = 0; i < 3; i++)
        {
            using var run = RunFolder.Create(folder["run"] + "/");
            run.Log(i, 0, [new("loss", i)]);
        }
        Assert.Equal(["run", "run.1", "run.2"], Directory.GetDirectories(folder.Path).Select(Path.GetFileName).Order());
        Assert.Contains("\n2,0,2\n", File.ReadAllText(folder["run/metrics.csv"]), StringComparison.Ordinal);
        Assert.Contains("\n0,0,0\n", File.ReadAllText(folder["run.1/metrics.csv"]), StringComparison.Ordinal);
    }

    [Fact]
    public void ATableOfSomethingElseIsRefused()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["metrics.csv"], "a,b\n1,2\n");
        Assert.Throws<TensorIOException>(() => RunFolder.Open(folder.Path));
        File.WriteAllText(folder["metrics.csv"], "step,epoch,x\n1,2\n");
        Assert.Contains("line 2", Assert.Throws<TensorIOException>(() => RunFolder.Open(folder.Path)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void MaskedChecksumsAreThoseOfTensorFlow()
    {
        // CRC-32C of the examples in RFC 3720, B.4, and of "123456789", masked as in TensorFlow's crc32c.h.
        Assert.Equal(Masked(0x8A9136AA), EventFile.MaskedCrc(new byte[32]));
        Assert.Equal(Masked(0xE3069283), EventFile.MaskedCrc("123456789"u8));

        static uint Masked(uint crc) => ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
    }

    [Fact]
    public void AnEventFileReadsBack()
    {
        using var folder = new TemporaryFolder();
        using (var run = RunFolder.Open(folder.Path))
        {
            run.Report.ModelSummary = "Linear";
            run.Log(3, 0, [new("train/loss", 0.5)]);
            run.CutAfter(3);
            run.Log(4, 0, [new("train/loss", 0.25)]);
        }
        var files = Directory.GetFiles(folder.Path, "events.out.tfevents.*").Order(StringComparer.Ordinal).ToArray();
        Assert.Equal(2, files.Length);
        var first = Records(files[0]);
        // Fields of Event: wall_time 1, step 2, file_version 3,
        // summary 5 { value 1 { tag 1, simple_value 2, tensor 8, metadata 9 } }.
        Assert.Equal("brain.Event:2", Encoding.UTF8.GetString(Field(first[0], 3)));
        Assert.Equal("model", Encoding.UTF8.GetString(Field(Field(Field(first[1], 5), 1), 1)));
        Assert.Equal("text", Encoding.UTF8.GetString(Field(Field(Field(Field(Field(first[1], 5), 1), 9), 1), 1)));
        Assert.Equal("```\nLinear\n```", Encoding.UTF8.GetString(Field(Field(Field(Field(first[1], 5), 1), 8), 8)));
        Assert.Equal(3, Field(first[2], 2)[0]);
        Assert.Equal("train/loss", Encoding.UTF8.GetString(Field(Field(Field(first[2], 5), 1), 1)));
        Assert.Equal(0.5f, BinaryPrimitives.ReadSingleLittleEndian(Field(Field(Field(first[2], 5), 1), 2)));
        // The second file says from which step on the first is obsolete.
        var second = Records(files[1]);
        Assert.Equal(4, Field(second[1], 2)[0]);
        Assert.Equal([8, 1], Field(second[1], 7));
    }

    [Fact]
    public void APageIsWellFormedAndSelfContained()
    {
        using var folder = new TemporaryFolder();
        using var run = RunFolder.Open(folder.Path);
        run.Report.Title = "<b> & \"quotes\"";
        run.Report.HyperParameters.Add("rate", "<0.1>");
        run.Report.ModelSummary = "module  <type>";
        run.Report.AddSample(Tensor.Arange(12).Reshape([3, 4]), "7", "1", 0.75);
        run.Report.AddSample(Tensor.Rand([3, 4, 4]), "cat");
        run.Report.AddText("At step 1", "once & <again>");
        run.Report.HeatMaps.Add(
            new HeatMap("Attention", new double[,] { { 1, 0 }, { 0.5, 0.5 } }, ["a", "<"], ["a", "<"]));
        for (var i = 1; i <= 2000; i++)
            run.Log(i, i / 1000, [new("step/loss", 100.0 / i), new("learning rate", 1e-3)]);
        run.Log(2000, 1, [new("train/loss", 0.1), new("validation/loss", 0.2),
            new("validation/accuracy", 0.9, IsFraction: true)]);
        var matrix = new ConfusionMatrix(2, ["<a>", "b"]);
        matrix.RestoreState([5, 1, 0, 4]);
        var roc = new RocCurve();
        roc.RestoreState([0.1, 0.9, 0.4, 0.6, 0, 1, 1, 0]);
        run.WriteReport([matrix, roc]);

        var page = File.ReadAllText(run.ReportPath);
        Assert.DoesNotContain("http", page, StringComparison.OrdinalIgnoreCase);
        Assert.DoesNotContain("NaN", page, StringComparison.Ordinal);
        Assert.DoesNotContain("Infinity", page, StringComparison.Ordinal);
        Assert.True(page.Length < 400_000);
        // Parsed as XML, after img elements are closed and the attribute "hidden", which has no value, is removed.
        var body = page[page.IndexOf("<body>", StringComparison.Ordinal)
            ..(page.IndexOf("<script>", StringComparison.Ordinal))] + "</body>";
        body = System.Text.RegularExpressions.Regex.Replace(body.Replace(" hidden", "", StringComparison.Ordinal),
            "(<img[^>]*)>", "$1/>");
        var xml = XElement.Parse(body);
        Assert.Equal("<b> & \"quotes\"", xml.Descendants("h1").Single().Value);
        Assert.Equal(4, xml.Descendants("svg").Count());
        Assert.Equal("5", xml.Descendants("td").First().Value);
        Assert.Equal(2, xml.Descendants("img").Count());
    }

    [Fact]
    public void AnImageIsAPng()
    {
        var address = PngImage.DataAddress(Tensor.FromArray(new float[,] { { -1, 0, 1 }, { 1, 1, -1 } }));
        var bytes = Convert.FromBase64String(address["data:image/png;base64,".Length..]);
        Assert.Equal([0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A], bytes[..8]);
        Assert.Equal([0, 0, 0, 3, 0, 0, 0, 2, 8, 0, 0, 0, 0], bytes[16..29]);
        // The end chunk is always the same, including its CRC.
        Assert.Equal([0, 0, 0, 0, 0x49, 0x45, 0x4E, 0x44, 0xAE, 0x42, 0x60, 0x82], bytes[^12..]);
        var length = BinaryPrimitives.ReadInt32BigEndian(bytes.AsSpan(33));
        using var rows = new MemoryStream();
        using (var zlib = new ZLibStream(new MemoryStream(bytes, 41, length), CompressionMode.Decompress))
            zlib.CopyTo(rows);
        Assert.Equal([0, 0, 128, 255, 0, 255, 255, 0], rows.ToArray());
        Assert.Throws<ShapeException>(() => PngImage.DataAddress(Tensor.Zeros([2, 4, 4])));
    }

    private static List<byte[]> Records(string path)
    {
        var bytes = File.ReadAllBytes(path);
        var records = new List<byte[]>();
        for (var at = 0; at < bytes.Length;)
        {
            var length = (int)BinaryPrimitives.ReadInt64LittleEndian(bytes.AsSpan(at));
            Assert.Equal(EventFile.MaskedCrc(bytes.AsSpan(at, 8)),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 8)));
            var data = bytes[(at + 12)..(at + 12 + length)];
            Assert.Equal(EventFile.MaskedCrc(data),
                BinaryPrimitives.ReadUInt32LittleEndian(bytes.AsSpan(at + 12 + length)));
            records.Add(data);
            at += 16 + length;
        }
        return records;
    }

    // The first field with a number; every tag and length here takes one or two bytes.
    private static byte[] Field(byte[] message, int field)
    {
        var at = 0;
        while (at < message.Length)
        {
            var tag = Variable();
            var start = at;
            var length = (tag & 7) switch { 0 => 0, 1 => 8, 5 => 4, _ => (int)Variable() };
            if ((tag & 7) == 0)
                Variable();
            var data = (tag & 7) == 2 ? message[at..(at + length)] : (tag & 7) == 0 ? message[start..at]
                : message[start..(start + length)];
            at += length;
            if (tag >> 3 == (ulong)field)
                return data;
        }
        throw new InvalidDataException($"no field {field}");

        ulong Variable()
        {
            ulong value = 0;
            for (var shift = 0; ; shift += 7)
            {
                var next = message[at++];
                value |= (ulong)(next & 0x7F) << shift;
                if (next < 0x80)
                    return value;
            }
        }
    }

    [Fact]
    public void NamesThatWouldSpoilTheTableAreRefused()
    {
        using var folder = new TemporaryFolder();
        using (var run = RunFolder.Create(folder["run"]))
        {
            run.Log(1, 0, [new("loss", 1)]);
            foreach (var name in new[] { "a,b", "a\nb", "\"a\"", " ", "train/" })
                Assert.Throws<ArgumentException>(() => run.Log(2, 0, [new("loss", 1), new(name, 1)]));
            Assert.Throws<ArgumentException>(() => run.Log(2, 0, [new("loss", 1), new("loss", 2)]));
            run.WriteReport();
        }
        using var again = RunFolder.Open(folder["run"]);
        Assert.Equal("loss", Assert.Single(Assert.Single(again.Rows).Values).Name);
    }

    [Fact]
    public void ARunOfAnyLengthAndAnyNumbersHasAReport()
    {
        using var folder = new TemporaryFolder();
        using var run = RunFolder.Create(folder["run"]);
        run.Log(1, 0, [new("step/loss", 0.5)]);
        run.WriteReport();
        foreach (var value in new[] { double.NaN, double.PositiveInfinity, -1e308, 1e308, 0 })
            run.Log(2, 0, [new("step/loss", value), new("learning rate", value)]);
        run.Report.Charts.Add(new("numbers", "x", "", [new("line", [(0, double.NaN), (1, double.NegativeInfinity),
            (double.NaN, 2), (3, 4)]), new("empty", [])]));
        run.Report.HeatMaps.Add(new("map", new[,] { { 1, double.NaN }, { double.PositiveInfinity, -1 } }, [], []));
        run.WriteReport();
        var page = File.ReadAllText(run.ReportPath);
        Assert.DoesNotContain("NaN,", page, StringComparison.Ordinal);
        Assert.DoesNotContain("--s:NaN", page, StringComparison.Ordinal);
        Assert.DoesNotContain("∞,", page, StringComparison.Ordinal);

        for (var step = 3; step < 20_000; step++)
            run.Log(step, 0, [new("step/loss", 1.0 / step)]);
        run.WriteReport();
        Assert.InRange(new FileInfo(run.ReportPath).Length, 1, 200_000);
    }

    [Fact]
    public void ValuesWithoutANameHaveNoReport()
    {
        using var folder = new TemporaryFolder();
        var report = new Report();
        Refuses("rows", () => report.Save(folder["report.html"], [new(1, 0, [new("loss", 1)]), new(2, 0, [default])]));
        Refuses("rows", () => report.Save(folder["report.html"], [null!]));
        Refuses("runs", () => report.Compare([(null!, [])], "loss"));
        Refuses("runs", () => report.Compare([("a", [new(1, 0, [default])])], "loss"));
        Refuses("figures", () => report.Compare([("a", [new(1, 0, [new("loss", 1)])])], "loss", null!));
        Assert.Empty(report.Charts);
        Assert.False(File.Exists(folder["report.html"]));
        // A name may be empty.
        report.Save(folder["report.html"], [new(1, 0, [new("", 1), new("train/", 2)])]);
        Assert.StartsWith("AddSample: an image must be", Assert.Throws<ShapeException>(() =>
            report.AddSample(Tensor.Zeros([3]), "cat")).Message, StringComparison.Ordinal);
        Assert.StartsWith("EpochResult: there is no value 'b'; there are a", Assert.Throws<ValueException>(() =>
            new EpochResult(0, [new("a", 1)])["b"]).Message, StringComparison.Ordinal);

        static void Refuses(string parameter, Action call) =>
            Assert.Equal(parameter, Assert.Throws<ArgumentException>(call).ParamName);
    }

    [Fact]
    public void TextFromUsersIsEscaped()
    {
        const string Hostile = "</script><script>alert(1)</script>'\"&\0\ud800";
        var report = new Report { Title = Hostile, Subtitle = Hostile, ModelSummary = Hostile };
        report.HyperParameters.Add(Hostile, Hostile);
        report.AddText(Hostile, Hostile);
        report.AddSample(Tensor.Zeros([2, 2]), Hostile, Hostile);
        report.Charts.Add(new(Hostile, Hostile, Hostile, [new(Hostile, [(0, 1), (1, 2)])]));
        report.HeatMaps.Add(new(Hostile, new double[1, 1], [Hostile], [Hostile]));
        var matrix = new ConfusionMatrix(1, [Hostile]);
        matrix.Update(Tensor.FromArray([0L]), Tensor.FromArray([0L]));
        var page = ReportPage.Render(report, [new(1, 0, [new("<b>loss'", 1)])], [matrix]);
        Assert.DoesNotContain("alert(1)</script>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>loss", page, StringComparison.Ordinal);
        // Only those of the page itself.
        Assert.Equal(2, page.Split("<script").Length);
        Assert.Equal(2, page.Split("</script").Length);
        Assert.DoesNotContain("'\"&", page, StringComparison.Ordinal);
    }
}
