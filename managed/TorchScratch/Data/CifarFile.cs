// Reads the binary version of CIFAR: records of one or two label bytes and 3 x 32 x 32 bytes, red plane first.
// https://www.cs.toronto.edu/~kriz/cifar.html

namespace TorchScratch.Data;

/// <summary>Reads files of records and the lists of class names that accompany them.</summary>
internal static class CifarFile
{
    // Compressed content up to these sizes is read whatever it consists of; images of one color compress well.
    private const long FreeRecordBytes = 64 << 20;
    private const long FreeNameBytes = 1 << 20;

    private const int FirstImages = 256;

    private static readonly ImageShape Shape = new(3, 32, 32);

    /// <summary>All records of all files.</summary>
    /// <param name="paths">The files, compressed or not.</param>
    /// <param name="classCounts">For each label byte, its number of possible values.</param>
    /// <param name="kept">Which of the label bytes is used as the label.</param>
    /// <param name="names">The names of the classes.</param>
    /// <param name="normalizations">How bytes are converted to numbers.</param>
    public static ImageDataset Read(ReadOnlySpan<string> paths, ReadOnlySpan<int> classCounts, int kept,
        IReadOnlyList<string>? names, IReadOnlyList<Normalization> normalizations)
    {
        // Doubled as records are read, so a short file takes little memory.
        var pixels = new byte[FirstImages * Shape.Count];
        var labels = new List<byte>();
        foreach (var path in paths)
            ReadFile(path, classCounts, kept, ref pixels, labels);
        Array.Resize(ref pixels, labels.Count * Shape.Count);
        return new ImageDataset(pixels, [.. labels], Shape, normalizations) { ClassNames = names };
    }

    /// <summary>Reads class names, one per line, from a file; returns other names if the file does not exist.</summary>
    /// <exception cref="TensorIOException">The file has the wrong number of names.</exception>
    public static IReadOnlyList<string> ReadNames(string directory, string name, IReadOnlyList<string> otherwise) =>
        ReadNames(directory, name, otherwise, otherwise.Count)!;

    /// <inheritdoc cref="ReadNames(string, string, IReadOnlyList{string})"/>
    public static IReadOnlyList<string>? ReadNames(string directory, string name, IReadOnlyList<string>? otherwise,
        int count)
    {
        if (DataInput.TryFind(directory, name) is not { } path)
            return otherwise;
        using var reader = new StreamReader(DataInput.Open(path, FreeNameBytes));
        var names = new List<string>();
        // One name more than expected is enough to detect the error.
        while (names.Count <= count && reader.ReadLine() is { } line)
        {
            if (line.Trim() is { Length: > 0 } text)
                names.Add(text);
        }
        return names.Count == count
            ? names.AsReadOnly()
            : throw new TensorIOException($"{path}: {(names.Count > count ? "more" : $"{names.Count}")} class names, " +
                $"expected {count}, one per line");
    }

    private static void ReadFile(string path, ReadOnlySpan<int> classCounts, int kept, ref byte[] pixels,
        List<byte> labels)
    {
        using var stream = DataInput.Open(path, FreeRecordBytes);
        var input = new DataInput(stream, path);
        var record = new byte[classCounts.Length + Shape.Count];
        var expected = $"a record of {record.Length} bytes";
        var before = labels.Count;
        while (input.TryFill(record, expected))
        {
            for (var i = 0; i < classCounts.Length; i++)
            {
                if (record[i] >= classCounts[i])
                {
                    throw input.Error(input.Position - record.Length + i, $"label {record[i]}, expected 0 to " +
                        $"{classCounts[i] - 1}");
                }
            }
            var start = labels.Count * (long)Shape.Count;
            if (start + Shape.Count > Array.MaxLength)
                throw input.Error(input.Position, $"more images than fit into one array of {Array.MaxLength} bytes");
            if (start == pixels.Length)
                Array.Resize(ref pixels,
                    (int)Math.Min(2L * pixels.Length, Array.MaxLength - Array.MaxLength % Shape.Count));
            record.AsSpan(classCounts.Length).CopyTo(pixels.AsSpan((int)start));
            labels.Add(record[kept]);
        }
        if (labels.Count == before)
            throw input.Error(0, $"the file is empty, expected {expected}");
    }
}
