// Readers of data sets.

using System.IO.Compression;
using System.Text;
using TorchScratch.Data;

namespace TorchScratch.Fuzz.Files;

internal static class DataReaders
{
    public static IEnumerable<FileReader> All()
    {
        foreach (var isCompressed in new[] { false, true })
        {
            yield return new Idx(isCompressed);
            yield return new MnistFile("t10k-images-idx3-ubyte", isCompressed);
            yield return new MnistFile("t10k-labels-idx1-ubyte", isCompressed);
            yield return new CifarFile("test_batch.bin", 1, isCompressed, folder => Cifar10.Load(folder, train: false));
            yield return new CifarFile("test.bin", 2, isCompressed, folder => Cifar100.Load(folder, train: false));
            yield return new Csv(isCompressed);
        }
        yield return new CifarNames("batches.meta.txt", 10, folder => Cifar10.Load(folder, train: false));
        yield return new CifarNames("fine_label_names.txt", 100, folder => Cifar100.Load(folder, train: false));
    }

    private static byte[] Zip(byte[] content, bool isCompressed)
    {
        if (!isCompressed)
            return content;
        using var file = new MemoryStream();
        using (var stream = new GZipStream(file, CompressionLevel.Optimal, leaveOpen: true))
            stream.Write(content);
        return file.ToArray();
    }

    private abstract class Compressible(bool isCompressed) : FileReader
    {
        protected bool IsCompressed { get; } = isCompressed;

        protected string Suffix => IsCompressed ? ".gz" : "";

        public override Container Container => IsCompressed ? Container.Gzip : Container.None;

        public override bool KnowsItsLength => IsCompressed;
    }

    private sealed class Idx(bool isCompressed) : Compressible(isCompressed)
    {
        public override string Name => $"IdxFile{Suffix}";

        public override string FileName => $"file.idx{Suffix}";

        public override bool KnowsItsLength => true;

        public override IEnumerable<byte[]> Seeds() => Enum.GetValues<IdxType>().Select((type, i) =>
        {
            int[] shape = [.. Enumerable.Range(1, i % 3 + 1).Select(size => size + 1)];
            var bytes = new byte[shape.Aggregate(1, (product, size) => product * size) *
                (type is IdxType.UInt8 or IdxType.Int8 ? 1 : type == IdxType.Int16 ? 2 : type == IdxType.Float64 ? 8 : 4)];
            new Random(i).NextBytes(bytes);
            return Written(FileName, path => IdxFile.Write(path, type, shape, bytes));
        });

        public override void Read(string path) => IdxFile.Read(path);
    }

    private sealed class MnistFile(string name, bool isCompressed) : Compressible(isCompressed)
    {
        private const string Images = "t10k-images-idx3-ubyte";
        private const string Labels = "t10k-labels-idx1-ubyte";

        public override string Name => $"Mnist {FileName}";

        public override string FileName => name + Suffix;

        public override bool KnowsItsLength => true;

        public override IEnumerable<byte[]> Seeds()
        {
            yield return Written(FileName, path =>
            {
                if (name == Images)
                    WriteImages(path);
                else
                    WriteLabels(path);
            });
        }

        public override void Prepare(string folder)
        {
            if (name == Images)
                WriteLabels(Path.Combine(folder, Labels));
            else
                WriteImages(Path.Combine(folder, Images));
        }

        public override void Read(string path)
        {
            var images = Mnist.Load(Path.GetDirectoryName(path)!, train: false);
            FashionMnist.Load(Path.GetDirectoryName(path)!, train: false);
            if (images.Count > 0)
                images.GetBatch([0, images.Count - 1]);
        }

        private static void WriteImages(string path) => IdxFile.Write(path, IdxType.UInt8, [3, 5, 4], new byte[60]);

        private static void WriteLabels(string path) => IdxFile.Write(path, IdxType.UInt8, [3], [1, 2, 3]);
    }

    private sealed class CifarFile(string name, int labels, bool isCompressed, Func<string, ImageDataset> load)
        : Compressible(isCompressed)
    {
        public override string Name => $"Cifar {FileName}";

        public override string FileName => name + Suffix;

        public override IEnumerable<byte[]> Seeds()
        {
            var records = new byte[3 * (labels + 3072)];
            for (var i = 0; i < records.Length; i++)
                records[i] = (byte)(i % 256 * (i % (labels + 3072) < labels ? 0 : 1));
            yield return Zip(records, IsCompressed);
        }

        public override void Read(string path)
        {
            var images = load(Path.GetDirectoryName(path)!);
            images.GetBatch([0, images.Count - 1]);
        }
    }

    private sealed class CifarNames(string name, int count, Func<string, ImageDataset> load) : FileReader
    {
        public override string Name => $"Cifar {name}";

        public override string FileName => name;

        public override IEnumerable<byte[]> Seeds()
        {
            yield return Encoding.UTF8.GetBytes(string.Concat(Enumerable.Range(0, count).Select(i => $"class {i}\n")));
        }

        public override void Prepare(string folder)
        {
            File.WriteAllBytes(Path.Combine(folder, "test_batch.bin"), new byte[3073]);
            File.WriteAllBytes(Path.Combine(folder, "test.bin"), new byte[3074]);
        }

        public override void Read(string path) => load(Path.GetDirectoryName(path)!);
    }

    private sealed class Csv(bool isCompressed) : Compressible(isCompressed)
    {
        public override string Name => $"CsvTable{Suffix}";

        public override string FileName => $"table.csv{Suffix}";

        public override IEnumerable<byte[]> Seeds() => new[]
        {
            "a,b,class\n1,2.5,x\n3,-4,y\n5,6e3,x\n",
            "a,b,class\r\n\"1\",\"2\",\"x, y\"\r\n3,?,\"say \"\"no\"\"\"\r\n",
            "\uFEFFlength,width,kind\n1,2,0\n\n3,4,1\n",
            "1;2;3\n4;5;6\n",
            "a\n" + string.Concat(Enumerable.Range(0, 200).Select(i => $"{i}\n")),
        }.Select(text => Zip(Encoding.UTF8.GetBytes(text), IsCompressed));

        public override void Read(string path)
        {
            var table = CsvTable.Load(path);
            CsvTable.Load(path, new CsvOptions { HasHeader = false, Delimiter = ';', SkipLines = 1 });
            if (table.ColumnNames.Count == 0)
                return;
            table.Categories(^1, missing: "none");
            var data = new CsvDataset(table, new CsvSchema { MissingNumber = 0, MissingCategory = "none" });
            if (data.Count > 0)
                data.GetBatch([0, data.Count - 1]);
        }
    }
}
