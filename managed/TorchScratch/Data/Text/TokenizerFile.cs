// The JSON files of tokenizers: written whole or not at all, and not trusted when read.

using System.Text.Json;

namespace TorchScratch.Data;

/// <summary>Writes and reads one JSON object that begins with its format and version.</summary>
internal static class TokenizerFile
{
    private const int Version = 1;

    public static void Save(string path, string format, Action<Utf8JsonWriter> write)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var partial = $"{path}.{Guid.NewGuid():N}.partial";
        try
        {
            using (var file = File.Create(partial))
            using (var json = new Utf8JsonWriter(file))
            {
                json.WriteStartObject();
                json.WriteString("format", format);
                json.WriteNumber("version", Version);
                write(json);
                json.WriteEndObject();
            }
            File.Move(partial, path, overwrite: true);
        }
        finally
        {
            File.Delete(partial);
        }
    }

    /// <exception cref="TensorIOException">The file is not of this format; the message says why.</exception>
    public static T Load<T>(string path, string format, Func<JsonElement, T> read)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(path));
            var root = document.RootElement;
            if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("format", out var name) || !name.ValueEquals(format))
                throw new TensorIOException($"{path}: no tokenizer file, expected an object with \"format\": \"{format}\"");
            if (root.GetProperty("version").GetInt32() is not Version and var version)
                throw new TensorIOException($"{path}: version {version}, expected {Version}");
            return read(root);
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException or FormatException
            or ArgumentException)
        {
            throw new TensorIOException($"{path}: {e.Message}", e);
        }
    }
}
