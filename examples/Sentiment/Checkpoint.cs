// What a run needs to go on after the last epoch that it finished, in one .safetensors file.

using System.Globalization;
using TorchScratch.IO;

namespace TorchScratch.Examples.Sentiment;

/// <summary>Options that decide the numbers, and the epochs that are done.</summary>
internal sealed record Checkpoint(int Epochs, ulong Seed, string Data, int Done, RandomState Random)
{
    private const string Format = "torchscratch-sentiment-1";
    private const string ModelPrefix = "model.";
    private const string OptimizerPrefix = "optimizer.";

    /// <summary>
    /// Writes it with weights and optimizer; an old file is replaced only when the new one is complete.
    /// </summary>
    public void Save(string path, Training training)
    {
        using var scope = Tensor.Scope();
        var tensors = new Dictionary<string, Tensor>();
        foreach (var (name, tensor) in training.Model.StateDict())
            tensors.Add(ModelPrefix + name, tensor);
        foreach (var (name, tensor) in training.Optimizer.StateDict())
            tensors.Add(OptimizerPrefix + name, tensor);
        SafeTensors.Save(path, tensors, new Dictionary<string, string>
        {
            ["format"] = Format,
            ["epochs"] = Text(Epochs),
            ["seed"] = Text(Seed),
            ["data"] = Data,
            ["done"] = Text(Done),
            ["random_seed"] = Text(Random.Seed),
            ["random_offset"] = Text(Random.Offset),
        });
    }

    /// <summary>Reads what a run is, but for its tensors.</summary>
    /// <exception cref="TensorIOException">The file is missing, damaged or not of this program.</exception>
    public static Checkpoint Open(string path)
    {
        using var scope = Tensor.Scope();
        SafeTensors.Load(path, out var metadata);
        if (metadata.GetValueOrDefault("format") != Format)
            throw new TensorIOException($"{path}: not a checkpoint of this program");
        return new(Number<int>("epochs"), Number<ulong>("seed"), metadata.GetValueOrDefault("data", ""),
            Number<int>("done"), new(Number<ulong>("random_seed"), Number<ulong>("random_offset")));

        T Number<T>(string key) where T : ISpanParsable<T> =>
            T.TryParse(metadata.GetValueOrDefault(key), CultureInfo.InvariantCulture, out var value)
                ? value
                : throw new TensorIOException($"{path}: its metadata has no number under '{key}'");
    }

    /// <summary>Puts weights, optimizer and random numbers back.</summary>
    public void Restore(string path, Training training)
    {
        using var scope = Tensor.Scope();
        var tensors = SafeTensors.Load(path);
        training.Model.LoadStateDict(WithPrefix(ModelPrefix));
        training.Optimizer.LoadStateDict(WithPrefix(OptimizerPrefix));
        Runtime.RandomState = Random;

        Dictionary<string, Tensor> WithPrefix(string prefix) =>
            tensors.Where(entry => entry.Key.StartsWith(prefix, StringComparison.Ordinal))
                .ToDictionary(entry => entry.Key[prefix.Length..], entry => entry.Value);
    }

    private static string Text<T>(T value) where T : IFormattable => value.ToString(null, CultureInfo.InvariantCulture);
}
