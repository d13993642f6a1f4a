// Reads and writes the JSON files of tokenizers. Files are not trusted.

using System.Text.Json;
using TorchScratch.IO;

namespace TorchScratch.Data;

/// <summary>Writes and reads a JSON object that begins with a format and a version.</summary>
internal static class TokenizerFile
{
    private const int Version = 1;

    /// <exception cref="TensorIOException">The file cannot be written; an old one is unchanged.</exception>
    public static void Save(string path, string format, Action<Utf8JsonWriter> write) =>
        WholeFile.Write(path, file =>
    {
        using var json = new Utf8JsonWriter(file);
        json.WriteStartObject();
        json.WriteString("format", format);
        json.WriteNumber("version", Version);
        write(json);
        json.WriteEndObject();
    });

    /// <exception cref="TensorIOException">The file cannot be read, or is not of this format.</exception>
    public static T Load<T>(string path, string format, Func<JsonElement, T> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("format", out var name) ||
                !name.ValueEquals(format))
            {
                throw new TensorIOException($"{path}: this is not a tokenizer file, expected an object with " +
                    $"\"format\": \"{format}\"");
            }
            if (root.GetProperty("version").GetInt32() is not Version and var version)
                throw new TensorIOException($"{path}: version {version}, expected {Version}");
            return read(root);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or
            FormatException or ArgumentException or IOException or UnauthorizedAccessException)
        {
            throw new TensorIOException($"{path}: {e.Message}", e);
        }
    }
}
