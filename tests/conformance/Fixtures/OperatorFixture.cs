// Reads <operator>.json and <operator>.safetensors.

using System.Text.Json;
using TorchScratch.Conformance.Training;
using TorchScratch.IO;

namespace TorchScratch.Conformance.Fixtures;

/// <summary>All samples of one operator.</summary>
internal sealed class OperatorFixture : IDisposable
{
    private readonly Dictionary<string, Tensor> _tensors;

    private OperatorFixture(JsonElement root, Dictionary<string, Tensor> tensors)
    {
        _tensors = tensors;
        Operator = root.GetProperty("op").GetString()!;
        TorchName = root.GetProperty("torch_name").GetString()!;
        Cases = [.. root.GetProperty("cases").EnumerateArray().Select(ReadCase)];
        Errors = root.TryGetProperty("errors", out var errors) ? [.. errors.EnumerateArray().Select(ReadError)] : [];
    }

    /// <summary>The operator's name, without "nn.functional.".</summary>
    public string Operator { get; }

    /// <summary>Its full name below "torch.".</summary>
    public string TorchName { get; }

    public FixtureCase[] Cases { get; }

    public FixtureError[] Errors { get; }

    /// <summary>The sorted names of the operators with fixtures in a directory.</summary>
    public static string[] OperatorsIn(string directory) =>
    [
        .. Directory.EnumerateFiles(directory, "*.json")
            .Where(path => File.Exists(Path.ChangeExtension(path, ".safetensors")))
            .Select(path => Path.GetFileNameWithoutExtension(path))
            .Where(name => !TrainingFile.Names.Contains(name))
            .Order(StringComparer.Ordinal),
    ];

    public static OperatorFixture Read(string directory, string name)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(directory, name + ".json")));
        return new(document.RootElement, SafeTensors.Load(Path.Combine(directory, name + ".safetensors"), Device.Default));
    }

    /// <summary>A tensor of the file.</summary>
    public Tensor Tensor(string key) => _tensors.TryGetValue(key, out var tensor)
        ? tensor
        : throw new InvalidDataException($"the .safetensors file has no tensor {key}");

    public void Dispose()
    {
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
    }

    private static FixtureCase ReadCase(JsonElement json) => new(ReadCall(json),
        [.. json.GetProperty("outputs").EnumerateArray().Select(output => output.GetProperty("tensor").GetString()!)],
        json.TryGetProperty("cotangents", out var cotangents)
            ? [.. cotangents.EnumerateArray().Select(weight => weight.ValueKind == JsonValueKind.Null
                ? null
                : weight.GetProperty("tensor").GetString())]
            : []);

    private static FixtureError ReadError(JsonElement json) => new(ReadCall(json),
        json.GetProperty("raises").GetString()!, json.GetProperty("message").GetString()!);

    private static FixtureCall ReadCall(JsonElement json) => new(
        [.. json.GetProperty("args").EnumerateArray().Select(ReadArgument)],
        json.GetProperty("kwargs").EnumerateObject()
            .ToDictionary(pair => pair.Name, pair => ReadArgument(pair.Value), StringComparer.Ordinal));

    /// <summary>Reads an argument in Python's types.</summary>
    public static object? ReadArgument(JsonElement json) => json.ValueKind switch
    {
        JsonValueKind.Null => null,
        JsonValueKind.True => true,
        JsonValueKind.False => false,
        JsonValueKind.String => json.GetString(),
        // 2.0 is a float in Python, although it is whole.
        JsonValueKind.Number => json.TryGetInt64(out var integer) ? (object)integer : json.GetDouble(),
        JsonValueKind.Array => json.EnumerateArray().Select(ReadArgument).ToArray(),
        _ => ReadObject(json),
    };

    private static object ReadObject(JsonElement json)
    {
        if (json.TryGetProperty("tensor", out var key))
        {
            var asksGradient = json.TryGetProperty("grad", out var gradient);
            return new TensorArgument(key.GetString()!, asksGradient, asksGradient ? gradient.GetString() : null);
        }
        if (json.TryGetProperty("dtype", out var dtype))
            return new DTypeArgument(dtype.GetString()!);
        if (json.TryGetProperty("float", out var number))
            return ReadFloat(number.GetString()!);
        if (json.TryGetProperty("slice", out var slice))
            return new SliceArgument(Bound(slice[0]), Bound(slice[1]), Bound(slice[2]));
        if (json.TryGetProperty("ellipsis", out _))
            return new EllipsisArgument();
        throw new InvalidDataException($"an argument cannot have the form {json.GetRawText()}");

        static long? Bound(JsonElement bound) => bound.ValueKind == JsonValueKind.Null ? null : bound.GetInt64();
    }

    private static double ReadFloat(string text) => text switch
    {
        "inf" => double.PositiveInfinity,
        "-inf" => double.NegativeInfinity,
        "nan" => double.NaN,
        _ => double.Parse(text, CultureInfo.InvariantCulture),
    };
}
