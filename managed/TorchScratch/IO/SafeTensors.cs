// .safetensors files: named tensors with text metadata. The format: https://huggingface.co/docs/safetensors

using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using TorchScratch.Interop;

namespace TorchScratch.IO;

/// <summary>
/// Reads and writes .safetensors files: a JSON header followed by the raw little-endian elements. Loading a file runs
/// no code from it. Python's <c>safetensors</c> package reads and writes the same files.
/// </summary>
public static unsafe class SafeTensors
{
    /// <summary>
    /// Writes tensors under their names. The new file replaces an old one only when it is complete and on the disk; if
    /// the path is a link, the file behind it is replaced.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">The tensors by name.</param>
    /// <param name="metadata">Texts to store with them, by key.</param>
    /// <exception cref="TensorIOException">The file cannot be written; the message says why.</exception>
    /// <exception cref="ArgumentException">A name contains a zero character.</exception>
    public static void Save(string path, IReadOnlyDictionary<string, Tensor> tensors,
        IReadOnlyDictionary<string, string>? metadata = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        ArgumentNullException.ThrowIfNull(tensors);
        string[] keys = [.. tensors.Keys];
        Tensor[] values = [.. tensors.Values];
        using var names = new Utf8List(keys);
        using var handles = new TensorListLease(values);
        using var pathText = new Utf8Lease(Path.GetFullPath(path));
        using var metadataText = new Utf8Lease(metadata is null ? null : ToJson(metadata));
        fixed (nint* namesPointer = names.Pointers)
        {
            Status.Check(Native.ts_safetensors_save(pathText.Pointer, namesPointer, handles.Pointer, handles.Count,
                metadataText.Pointer));
        }
    }

    /// <summary>Reads all tensors of a file, by name.</summary>
    /// <param name="path">The file.</param>
    /// <param name="device">Where to put them, wherever they were when saved; the CPU if not given.</param>
    /// <exception cref="TensorIOException">
    /// The file is missing, truncated or malformed; the message says which.
    /// </exception>
    /// <exception cref="DeviceException">There is no such device.</exception>
    public static Dictionary<string, Tensor> Load(string path, Device? device = null) => Load(path, out _, device);

    /// <summary>Reads all tensors of a file, by name, and its metadata.</summary>
    /// <param name="path">The file.</param>
    /// <param name="metadata">The texts stored with the tensors; empty if there are none.</param>
    /// <param name="device">Where to put them, wherever they were when saved; the CPU if not given.</param>
    /// <exception cref="TensorIOException">
    /// The file is missing, truncated or malformed; the message says which.
    /// </exception>
    /// <exception cref="DeviceException">There is no such device.</exception>
    public static Dictionary<string, Tensor> Load(string path, out Dictionary<string, string> metadata,
        Device? device = null)
    {
        var fullPath = ExistingFile(path, "safetensors_load");
        using var pathText = new Utf8Lease(fullPath);
        nint list;
        byte* names = null;
        byte* metadataText = null;
        Status.Check(Native.ts_safetensors_load(pathText.Pointer, (device ?? Device.Cpu).Code, &list, &names,
            &metadataText));
        try
        {
            var tensors = Tensor.TakeList(list);
            var result = new Dictionary<string, Tensor>(tensors.Length, StringComparer.Ordinal);
            var name = names;
            foreach (var tensor in tensors)
            {
                var bytes = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
                result.Add(Encoding.UTF8.GetString(bytes), tensor);
                name += bytes.Length + 1;
            }
            var json = new Utf8JsonReader(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(metadataText));
            metadata = SafeTensorsHeader.ReadTexts(ref json);
            return result;
        }
        finally
        {
            Native.ts_string_free(names);
            Native.ts_string_free(metadataText);
        }
    }

    /// <summary>
    /// Reads the metadata of a file. Only the header is read, so the time does not depend on the size of the tensors.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <returns>The texts stored with the tensors, by key; empty if there are none.</returns>
    /// <exception cref="TensorIOException">
    /// The file is missing, truncated or not a .safetensors file; the message says which.
    /// </exception>
    public static Dictionary<string, string> ReadMetadata(string path) =>
        SafeTensorsHeader.ReadMetadata(ExistingFile(path, "safetensors_read_metadata"));

    private static string ExistingFile(string path, string caller)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var fullPath = Path.GetFullPath(path);
        return File.Exists(fullPath)
            ? fullPath
            : throw new TensorIOException(Directory.Exists(fullPath)
                ? $"{caller}: {fullPath} is a folder, not a file"
                : $"{caller}: there is no file {fullPath}");
    }

    // Written by hand: a serializer would need reflection or generated code for this one loop.
    private static string ToJson(IReadOnlyDictionary<string, string> metadata)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            foreach (var (key, value) in metadata)
                writer.WriteString(key, value);
            writer.WriteEndObject();
        }
        return Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    /// <summary>Native copies of several strings.</summary>
    private readonly ref struct Utf8List
    {
        public readonly nint[] Pointers;

        public Utf8List(string[] texts)
        {
            Pointers = new nint[texts.Length];
            try
            {
                for (var i = 0; i < texts.Length; i++)
                    Pointers[i] = Utf8Lease.ToNative(texts[i]);
            }
            catch
            {
                Dispose();
                throw;
            }
        }

        public void Dispose() => Array.ForEach(Pointers, Marshal.FreeCoTaskMem);
    }
}
