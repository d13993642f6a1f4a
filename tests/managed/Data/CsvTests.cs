// Tables: the format, numbers and categories, and the positions in error messages.

using System.Globalization;
using System.IO.Compression;
using TorchScratch.Data;

namespace TorchScratch.Tests.Data;

public sealed class CsvTests
{
    [Fact]
    public void QuotesProtectDelimitersQuotesAndLineEnds()
    {
        var table = CsvTable.Parse("name,\"full, \"\"name\"\"\"\r\na,\"x\ny\"\n\nb,\"\"\rc,z");
        Assert.Equal(["name", "full, \"name\""], table.ColumnNames);
        Assert.Equal(3, table.RowCount);
        Assert.Equal("x\ny", table[0, 1]);
        Assert.Equal("", table[1, ^1]);
        Assert.Equal("z", table[2, "full, \"name\""]);
    }

    [Fact]
    public void TheFormatIsConfigurable()
    {
        var table = CsvTable.Parse("# two\n# lines\n1;2,5\n3;4\n",
            new CsvOptions { Delimiter = ';', HasHeader = false, SkipLines = 2 });
        Assert.Equal(["0", "1"], table.ColumnNames);
        Assert.Equal("2,5", table[0, 1]);
        Assert.Equal([1, 3], table.Numbers(0));
        Assert.Equal(0, CsvTable.Parse("a,b\n").RowCount);
        Assert.Equal(0, CsvTable.Parse("", new CsvOptions { HasHeader = false }).RowCount);
        Assert.Throws<ArgumentException>(() => CsvTable.Parse("", new CsvOptions { Delimiter = '"' }));
    }

    [Theory]
    [InlineData(true, 1, "line 1, column 1048577: the line has 3000001 fields, a table has at most 1048576")]
    [InlineData(true, 2, "line 2, column 3: the line has 3000001 fields, expected 2 as in line 1")]
    [InlineData(false, 2, "line 2, column 3: the line has 3000001 fields, expected 2 as in line 1")]
    public void ManyFieldsAreNotKept(bool hasHeader, int line, string message)
    {
        var text = (line == 1 ? "" : "a,b\n") + new string(',', 3_000_000);
        var options = new CsvOptions { HasHeader = hasHeader };
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<TensorIOException>(() => CsvTable.Parse(text, options));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        // A list of as many as a table may have, and its copy.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 32 << 20);
    }

    [Theory]
    [InlineData("a,b\n1,2\n3\n", "t.csv, line 3, column 2: the line has 1 fields, expected 2 as in line 1")]
    [InlineData("a,b\n1,2\n\n\n3,4,5\n", "t.csv, line 5, column 3: the line has 3 fields, expected 2")]
    [InlineData("a,b\n\"1\n\n\",2\nx,\"y\n", "t.csv, line 5, column 2: the quote that opens here is not closed")]
    [InlineData("a,b\n\"1\"2,3\n", "t.csv, line 2, column 1: '2' after a closing quote")]
    [InlineData("a,a\n", "t.csv, line 1, column 2: another column is already called \"a\"")]
    [InlineData("", "t.csv, line 1, column 1: the file ends here, but the names of the columns were expected")]
    public void MalformedTextIsReported(string text, string message)
    {
        var error = Assert.Throws<TensorIOException>(() => CsvTable.Parse(text, name: "t.csv"));
        Assert.StartsWith(message, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFieldThatIsNotANumberIsReported()
    {
        var table = CsvTable.Parse("a,b\n1,2\n \"x\" , NA \n", new CsvOptions(), "t.csv");
        Assert.Equal("t.csv, line 3, column 1: (\"a\") \"\"x\"\" is not a finite number; declare a column of text " +
            "as categorical",
            Assert.Throws<TensorIOException>(() => table.Numbers("a")).Message);
        Assert.Contains("line 3, column 2: (\"b\") the value is missing",
            Assert.Throws<TensorIOException>(() => table.Numbers("b")).Message, StringComparison.Ordinal);
        Assert.Equal([2, -1], table.Numbers("b", missing: -1));
        Assert.True(table.IsMissing(1, "b"));
        Assert.Throws<TensorIOException>(() => CsvTable.Parse("a\n1e999\n").Numbers(0));
        Assert.Contains("no column \"c\"; its 2 columns are a, b",
            Assert.Throws<ArgumentException>(() => table.Numbers("c")).Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => table.Numbers(2));
    }

    [Fact]
    public void CategoriesAreSorted()
    {
        var table = CsvTable.Parse("colour,size\nred,10\nblue,9\nred,-1\n?,9\n");
        var (sizes, sizeNames) = table.Categories("size");
        Assert.Equal(["-1", "9", "10"], sizeNames);
        Assert.Equal([2, 1, 0, 1], sizes);
        Assert.Throws<TensorIOException>(() => table.Categories("colour"));
        var (colours, names) = table.Categories("colour", missing: "unknown");
        Assert.Equal(["blue", "red", "unknown"], names);
        Assert.Equal([1, 0, 1, 2], colours);
    }

    [Fact]
    public void ColumnsBecomeFeaturesAndTarget()
    {
        var table = CsvTable.Parse("id,colour,size,price,kind\n7,red,1,10,b\n8,blue,,20,a\n9,red,3,30,b\n");
        var kinds = new CsvDataset(table,
            new CsvSchema { Categorical = ["colour"], Ignored = ["id"], MissingNumber = -5 });
        Assert.Equal(["colour=blue", "colour=red", "size", "price"], kinds.FeatureNames);
        Assert.Equal(["a", "b"], kinds.ClassNames);
        var (x, y) = kinds.GetBatch([2, 1]);
        Assert.Equal([2, 4], x.Shape);
        Assert.Equal([0, 1, 3, 30, 1, 0, -5, 20], x.ToArray<float>());
        Assert.Equal([1, 0], y.ToArray<long>());
        Assert.Equal([0, 1, 1, 10], kinds[0].Input.ToArray<float>());

        var prices = new CsvDataset(table, new CsvSchema
        {
            Target = "price", TargetKind = CsvTarget.Numbers, Categorical = [1, ^1],
            Encoding = CategoryEncoding.Index, Ignored = ["id", "size"],
        });
        Assert.Equal(["colour", "kind"], prices.FeatureNames);
        Assert.Null(prices.ClassNames);
        Assert.Equal([30, 10], prices.Select([2, 0]).ToBatch().Targets.ToArray<float>());
        Assert.Equal([1, 1, 0, 0, 1, 1], prices.Features.ToArray());
        Assert.Throws<TensorIOException>(() => new CsvDataset(table));
    }

    [Fact]
    public void ACompressedFileIsRead()
    {
        using var folder = new TemporaryFolder();
        using (var writer = new StreamWriter(new GZipStream(File.Create(folder["t.csv.gz"]), CompressionLevel.Fastest)))
            writer.Write("a,b\n1,0\n2,1\n");
        Assert.Equal([1, 2], CsvDataset.Load(folder["t.csv.gz"]).Features.ToArray());
        var bytes = File.ReadAllBytes(folder["t.csv.gz"]);
        bytes[12] ^= 0xFF;
        File.WriteAllBytes(folder["damaged"], bytes);
        Assert.Throws<TensorIOException>(() => CsvTable.Load(folder["damaged"]));
    }

    [RealDataFact("breast_cancer/breast_cancer.csv")]
    public void TheRealFileHasItsKnownContent()
    {
        var data = CsvDataset.Load(RealDataFactAttribute.PathOf("breast_cancer/breast_cancer.csv")!,
            new CsvOptions { HasHeader = false, SkipLines = 1 });
        Assert.Equal((569, 30), (data.Count, data.FeatureCount));
        Assert.Equal(["0", "1"], data.ClassNames);
        Assert.Equal((212, 357), (data.Classes.Count(0L), data.Classes.Count(1L)));
        Assert.Equal(17.99f, data.Features[0]);
    }

    [Theory]
    [InlineData("\uFEFFa,b\r\n1,\"x\r\ny\"\r\n\r\n2,z")]
    [InlineData("a,b\n1,\"x\r\ny\"\n2,z\n\n")]
    [InlineData("\uFEFF\"a\",b\r1,\"x\r\ny\"\r2,z\r")]
    public void ByteOrderMarksAndLineBreaksAreNotData(string text)
    {
        var table = CsvTable.Parse(text);
        Assert.Equal(["a", "b"], table.ColumnNames);
        Assert.Equal([1, 2], table.Numbers("a"));
        Assert.Equal("x\r\ny", table[0, "b"]);
    }

    [Fact]
    public void NumbersAreTheSameInEveryCountry()
    {
        var before = CultureInfo.CurrentCulture;
        // As in Germany; named cultures are not installed everywhere.
        var other = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (other.NumberFormat.NumberDecimalSeparator, other.NumberFormat.NumberGroupSeparator) = (",", ".");
        CultureInfo.CurrentCulture = other;
        try
        {
            var table = CsvTable.Parse("a;b\n1.5;1,5\n-2e3;2", new CsvOptions { Delimiter = ';' });
            Assert.Equal([1.5f, -2000], table.Numbers("a"));
            var error = Assert.Throws<TensorIOException>(() => table.Numbers("b"));
            Assert.Contains("line 2, column 2", error.Message, StringComparison.Ordinal);
            Assert.Contains("\"1,5\"", error.Message, StringComparison.Ordinal);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }

    [Fact]
    public void FilesWithoutRowsAreErrorsOrEmpty()
    {
        Assert.Contains("names of the columns", Assert.Throws<TensorIOException>(() => CsvTable.Parse("")).Message,
            StringComparison.Ordinal);
        Assert.Throws<TensorIOException>(() =>
            new CsvDataset(CsvTable.Parse("", new CsvOptions { HasHeader = false })));
        var rows = new CsvDataset(CsvTable.Parse("a,b,class\n"));
        Assert.Equal((0, 2), (rows.Count, rows.FeatureCount));
        Assert.Empty(new DataLoader((IBatchDataset<Batch>)rows, batchSize: 2));
        Assert.Equal([0, 2], rows.ToBatch().Inputs.Shape.ToArray());
    }
}
