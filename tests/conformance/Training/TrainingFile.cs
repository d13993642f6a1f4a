// One of modules.json, optimizers.json, schedulers.json and runs.json, with its tensors.

using System.Text.Json;
using TorchScratch.Conformance.Fixtures;
using TorchScratch.IO;

namespace TorchScratch.Conformance.Training;

/// <summary>One file of training fixtures: a list of cases.</summary>
internal sealed class TrainingFile : IDisposable
{
    /// <summary>The possible files, in the order in which they are run.</summary>
    public static readonly string[] Names = ["modules", "optimizers", "schedulers", "runs"];

    private readonly JsonDocument _document;
    private readonly Dictionary<string, Tensor> _tensors;

    private TrainingFile(JsonDocument document, Dictionary<string, Tensor> tensors) =>
        (_document, _tensors) = (document, tensors);

    public IEnumerable<JsonElement> Cases => _document.RootElement.EnumerateArray();

    public static string[] NamesIn(string directory) =>
        Array.FindAll(Names, name => File.Exists(Path.Combine(directory, name + ".json")));

    public static TrainingFile Read(string directory, string name)
    {
        var tensors = Path.Combine(directory, name + ".safetensors");
        return new(JsonDocument.Parse(File.ReadAllBytes(Path.Combine(directory, name + ".json"))),
            File.Exists(tensors) ? SafeTensors.Load(tensors, Device.Default) : []);
    }

    /// <summary>A tensor by its key; null for null.</summary>
    public Tensor? Optional(JsonElement key) => key.ValueKind == JsonValueKind.Null ? null : Tensor(key);

    /// <summary>A tensor by its key.</summary>
    public Tensor Tensor(JsonElement key) => _tensors.TryGetValue(key.GetString()!, out var tensor)
        ? tensor
        : throw new InvalidDataException($"the .safetensors file has no tensor {key}");

    /// <summary>A list of keys.</summary>
    public Tensor?[] List(JsonElement keys) => [.. keys.EnumerateArray().Select(Optional)];

    /// <summary>An object whose values are keys.</summary>
    public Dictionary<string, Tensor> Named(JsonElement keys) => keys.EnumerateObject()
        .Where(pair => pair.Value.ValueKind != JsonValueKind.Null)
        .ToDictionary(pair => pair.Name, pair => Tensor(pair.Value), StringComparer.Ordinal);

    /// <summary>Constructor options, with tensors in place of their keys.</summary>
    public Dictionary<string, object?> Options(JsonElement options) => options.EnumerateObject()
        .ToDictionary(pair => pair.Name, pair => Resolved(OperatorFixture.ReadArgument(pair.Value)), StringComparer.Ordinal);

    /// <summary>Positional arguments, with tensors in place of their keys.</summary>
    public object?[] Arguments(JsonElement arguments) =>
        [.. arguments.EnumerateArray().Select(argument => Resolved(OperatorFixture.ReadArgument(argument)))];

    public void Dispose()
    {
        _document.Dispose();
        foreach (var tensor in _tensors.Values)
            tensor.Dispose();
    }

    private object? Resolved(object? argument) => argument is TensorArgument tensor ? _tensors[tensor.Key] : argument;
}
