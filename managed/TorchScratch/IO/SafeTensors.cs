// .safetensors files: named tensors with text metadata, as Hugging Face defines them.

using System.Runtime.InteropServices;
using System.Text;
using System.Text.Json;
using TorchScratch.Interop;

namespace TorchScratch.IO;

/// <summary>
/// Reads and writes .safetensors files. The format holds raw little-endian elements behind a JSON header and runs no
/// code, and PyTorch's <c>safetensors</c> package reads and writes the same files.
/// </summary>
public static unsafe class SafeTensors
{
    /// <summary>
    /// Writes tensors under their names. A complete file replaces the old one, or nothing changes.
    /// </summary>
    /// <param name="path">The file.</param>
    /// <param name="tensors">The tensors by name.</param>
    /// <param name="metadata">Any texts to go with them.</param>
    /// <exception cref="TensorIOException">The file cannot be written; the message tells why.</exception>
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
    /// <exception cref="TensorIOException">
    /// The file is missing, truncated or malformed; the message tells which.
    /// </exception>
    public static Dictionary<string, Tensor> Load(string path) => Load(path, out _);

    /// <summary>Reads all tensors of a file, by name, and its metadata.</summary>
    /// <param name="path">The file.</param>
    /// <param name="metadata">The texts that go with them; empty if there are none.</param>
    /// <exception cref="TensorIOException">
    /// The file is missing, truncated or malformed; the message tells which.
    /// </exception>
    public static Dictionary<string, Tensor> Load(string path, out Dictionary<string, string> metadata)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var fullPath = Path.GetFullPath(path);
        if (!File.Exists(fullPath))
        {
            throw new TensorIOException(Directory.Exists(fullPath)
                ? $"safetensors_load: {fullPath} is a folder, not a file"
                : $"safetensors_load: there is no file {fullPath}");
        }
        using var pathText = new Utf8Lease(fullPath);
        nint list;
        byte* names = null;
        byte* metadataText = null;
        Status.Check(Native.ts_safetensors_load(pathText.Pointer, &list, &names, &metadataText));
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
            metadata = FromJson(MemoryMarshal.CreateReadOnlySpanFromNullTerminated(metadataText));
            return result;
        }
        finally
        {
            Native.ts_string_free(names);
            Native.ts_string_free(metadataText);
        }
    }

    // With a writer of our own: serializers would need reflection or generated code for two loops.
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

    private static Dictionary<string, string> FromJson(ReadOnlySpan<byte> json)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        var reader = new Utf8JsonReader(json);
        while (reader.Read())
        {
            if (reader.TokenType != JsonTokenType.PropertyName)
                continue;
            var key = reader.GetString()!;
            reader.Read();
            metadata[key] = reader.GetString()!;
        }
        return metadata;
    }

    /// <summary>Native copies of several strings.</summary>
    private readonly ref struct Utf8List
    {
        public readonly nint[] Pointers;

        public Utf8List(string[] texts) => Pointers = Array.ConvertAll(texts, Marshal.StringToCoTaskMemUTF8);

        public void Dispose() => Array.ForEach(Pointers, Marshal.FreeCoTaskMem);
    }
}
