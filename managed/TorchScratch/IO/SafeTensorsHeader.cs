// The header of a .safetensors file, read without its tensors.

using System.Buffers.Binary;
using System.Text.Json;

namespace TorchScratch.IO;

/// <summary>
/// Reads the metadata from a header: 8 bytes with its length, then a JSON object with <c>__metadata__</c> and an entry
/// for each tensor. Checks what it reads and that the file has all the data that the header describes; the loader
/// checks the entries themselves.
/// </summary>
internal static class SafeTensorsHeader
{
    private const int LengthBytes = 8;
    private const int MaxBytes = 100_000_000;   // the limit of the reference implementation
    private const int MaxDepth = 8;

    /// <summary>The texts under <c>__metadata__</c>; empty if there are none.</summary>
    /// <exception cref="TensorIOException">The file is truncated, or not a .safetensors file.</exception>
    public static Dictionary<string, string> ReadMetadata(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            var header = ReadHeader(file, path);
            return Parse(header, file.Length - LengthBytes - header.Length, path);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // The reader throws InvalidOperationException for text that is not UTF-8.
            throw new TensorIOException($"{path}: the header is not valid JSON, so this is not a .safetensors file: " +
                e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new TensorIOException($"{path}: the file cannot be read: {e.Message}", e);
        }
    }

    /// <summary>Reads an object whose values are all texts; the reader stands before it.</summary>
    /// <param name="json">The reader, which is left at the end of the object.</param>
    /// <exception cref="JsonException">It is not an object, or a value is not a text.</exception>
    public static Dictionary<string, string> ReadTexts(ref Utf8JsonReader json)
    {
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            throw new JsonException("the metadata are not an object");
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var key = json.GetString()!;
            if (!json.Read() || json.TokenType != JsonTokenType.String)
                throw new JsonException($"the metadata under \"{key}\" are not a text");
            if (!texts.TryAdd(key, json.GetString()!))
                throw new JsonException($"the metadata have \"{key}\" twice");
        }
        return texts;
    }

    private static byte[] ReadHeader(FileStream file, string path)
    {
        Span<byte> prefix = stackalloc byte[LengthBytes];
        if (file.ReadAtLeast(prefix, LengthBytes, throwOnEndOfStream: false) < LengthBytes)
            throw new TensorIOException($"{path}: {file.Length} bytes are too few for a .safetensors file");
        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxBytes)
        {
            throw new TensorIOException($"{path}: the header claims {length} bytes, more than the {MaxBytes} that " +
                "the format allows; this is not a .safetensors file");
        }
        if ((long)length > file.Length - LengthBytes)
        {
            throw new TensorIOException($"{path}: the file is truncated: its header has {length} bytes, and only " +
                $"{file.Length - LengthBytes} follow");
        }
        var header = new byte[length];
        file.ReadExactly(header);
        return header;
    }

    private static Dictionary<string, string> Parse(byte[] header, long dataBytes, string path)
    {
        var json = new Utf8JsonReader(header, new JsonReaderOptions { MaxDepth = MaxDepth });
        Dictionary<string, string>? metadata = null;
        var end = 0L;
        var names = new HashSet<string>(StringComparer.Ordinal);
        if (header.Length == 0 || header[0] != (byte)'{' || !json.Read() || json.TokenType != JsonTokenType.StartObject)
            throw new JsonException("an object was expected");
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            var name = json.GetString()!;
            if (!names.Add(name))
                throw new JsonException($"the name \"{name}\" is used twice");
            if (name.IndexOf('\0') is >= 0 and var at)
                throw new JsonException($"the name \"{name[..at]}\" goes on after a zero character");
            if (name == "__metadata__")
                metadata = ReadTexts(ref json);
            else
                end = Math.Max(end, ReadEnd(ref json));
        }
        // Throws if anything but white space follows.
        json.Read();
        return end <= dataBytes
            ? metadata ?? []
            : throw new TensorIOException($"{path}: the file is truncated: its header describes {end} bytes of data, " +
                $"and only {dataBytes} follow");
    }

    // Where a tensor's data end, relative to the end of the header.
    private static long ReadEnd(ref Utf8JsonReader json)
    {
        var name = json.GetString();
        if (!json.Read() || json.TokenType != JsonTokenType.StartObject)
            throw new JsonException($"the entry of tensor \"{name}\" is not an object");
        long? end = null;
        var keys = new HashSet<string>(StringComparer.Ordinal);
        while (json.Read() && json.TokenType == JsonTokenType.PropertyName)
        {
            if (!keys.Add(json.GetString()!))
                throw new JsonException($"the entry of tensor \"{name}\" has \"{json.GetString()}\" twice");
            if (!json.ValueTextEquals("data_offsets"))
            {
                json.Skip();
                continue;
            }
            // [, the begin, the end, ]
            json.Read();
            json.Read();
            json.Read();
            end = json.GetInt64();
            if (!json.Read() || json.TokenType != JsonTokenType.EndArray)
                throw new JsonException($"the data_offsets of tensor \"{name}\" are not two numbers");
        }
        return end ?? throw new JsonException($"the entry of tensor \"{name}\" has no data_offsets");
    }
}
