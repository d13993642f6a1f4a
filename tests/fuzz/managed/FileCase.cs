// Writes one damaged file and reads it.

using System.IO.Compression;

namespace TorchScratch.Fuzz.Files;

internal sealed class FileCase(FileReader reader, Damage damage) : IFuzzCase
{
    // What a reader may take: buffers of a fixed size, and a multiple of the content for objects around small values.
    private const long FixedBytes = 96L << 20;
    private const long BytesPerByte = 300;
    private const int MaxContent = 64 << 20;

    private const string Folder = "case";

    public string Subject => reader.Name;

    public string Text => damage.Text;

    public Finding? Run()
    {
        if (Directory.Exists(Folder))
            Directory.Delete(Folder, recursive: true);
        var path = Path.GetFullPath(Path.Combine(Folder, reader.FileName));
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        Sandbox.Reset();
        using var scope = Tensor.Scope();
        reader.Prepare(Path.GetFullPath(Folder));
        File.WriteAllBytes(path, damage.Bytes);
        var before = reader.State();

        Runtime.ResetPeakMemory();
        var native = Runtime.AllocatorStatistics.LiveBytes;
        var managed = GC.GetAllocatedBytesForCurrentThread();
        Exception? refusal = null;
        try
        {
            reader.Read(path);
        }
        catch (Exception exception)
        {
            refusal = exception;
        }
        managed = GC.GetAllocatedBytesForCurrentThread() - managed;
        native = Runtime.AllocatorStatistics.PeakBytes - native;
        return Fault(refusal, path) ?? Waste(managed, native) ?? Changed(refusal, before);
    }

    private Finding? Fault(Exception? refusal, string path)
    {
        switch (refusal)
        {
            case null when damage.MustBeRefused:
                return new("a damaged file is accepted", $"{damage.Bytes.Length} bytes");
            case null:
                return null;
            case TensorIOException when !refusal.Message.Contains(Path.GetFileName(path), StringComparison.Ordinal):
                return new("a refusal that does not name the file", refusal.Message);
            case TensorMemoryException:
                return new("too much memory", refusal.Message);
            case TorchScratchException:
                return null;
            default:
                return reader.IsDocumented(refusal) ? null
                    : new("a foreign exception", string.Join('\n', refusal.ToString().Split('\n').Take(10)));
        }
    }

    private Finding? Waste(long managed, long native)
    {
        var most = FixedBytes + BytesPerByte * ContentBytes();
        return managed <= most && native <= most ? null : new("too much memory",
            $"{managed >> 20} MiB managed, {native >> 20} MiB native for a file of {damage.Bytes.Length} bytes with a " +
            $"content of {ContentBytes()}");
    }

    private Finding? Changed(Exception? refusal, string before) => refusal is not null && reader.State() is var after &&
        after != before ? new("a refused file has changed something", $"{refusal.Message}\nbefore {before}\nafter {after}")
        : null;

    // Of the file, or of what it decompresses to.
    private long ContentBytes()
    {
        if (damage.Bytes is not [0x1F, 0x8B, ..])
            return damage.Bytes.Length;
        using var stream = new GZipStream(new MemoryStream(damage.Bytes), CompressionMode.Decompress);
        var buffer = new byte[1 << 16];
        var total = 0L;
        try
        {
            while (total < MaxContent && stream.Read(buffer) is > 0 and var read)
                total += read;
        }
        catch (InvalidDataException)
        {
            // Damaged from here on.
        }
        return Math.Max(total, damage.Bytes.Length);
    }
}
