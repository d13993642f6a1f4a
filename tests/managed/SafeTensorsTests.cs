// .safetensors files through the C# API.

using TorchScratch.IO;

namespace TorchScratch.Tests;

public sealed class SafeTensorsTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("torchscratch").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void TensorsAndMetadataRoundTrip()
    {
        var path = Path.Combine(_folder, "größe.safetensors");
        using var weight = Tensor.Randn((3, 4));
        var tensors = new Dictionary<string, Tensor>
        {
            ["encoder.weight"] = weight,
            ["encoder.größe"] = Tensor.FromArray([1L, 2L]),
            ["half"] = Tensor.FromArray([(Half)1.5f, (Half)2f]),
            ["transposed"] = weight.Transpose(0, 1),
            ["empty"] = Tensor.Zeros((0, 3)),
            ["scalar"] = Tensor.FromScalar(true),
        };
        var metadata = new Dictionary<string, string> { ["format"] = "pt", ["quote"] = "\"\\\n ü" };
        SafeTensors.Save(path, tensors, metadata);

        var loaded = SafeTensors.Load(path, out var texts);
        Assert.Equal(metadata, texts);
        Assert.Equal(tensors.Keys.Order(StringComparer.Ordinal), loaded.Keys.Order(StringComparer.Ordinal));
        foreach (var (name, tensor) in tensors)
        {
            Assert.Equal(tensor.DType, loaded[name].DType);
            Assert.Equal(tensor.Shape, loaded[name].Shape);
        }
        Assert.Equal(weight.ToArray<float>(), loaded["encoder.weight"].ToArray<float>());
        Assert.Equal(tensors["transposed"].ToArray<float>(), loaded["transposed"].ToArray<float>());
        Assert.True(loaded["scalar"].ToBoolean());

        SafeTensors.Save(path, new Dictionary<string, Tensor> { ["only"] = weight });
        Assert.Equal(["only"], SafeTensors.Load(path, out texts).Keys);
        Assert.Empty(texts);
    }

    [Fact]
    public void ErrorsExplainBadFiles()
    {
        var missing = Path.Combine(_folder, "missing.safetensors");
        var error = Assert.Throws<TensorIOException>(() => SafeTensors.Load(missing));
        Assert.Contains(missing, error.Message, StringComparison.Ordinal);
        Assert.Contains("no file", error.Message, StringComparison.Ordinal);
        Assert.Contains("folder", Assert.Throws<TensorIOException>(() => SafeTensors.Load(_folder)).Message,
            StringComparison.Ordinal);

        var broken = Path.Combine(_folder, "broken.safetensors");
        File.WriteAllBytes(broken, [200, 0, 0, 0, 0, 0, 0, 0, (byte)'{']);
        Assert.Throws<TensorIOException>(() => SafeTensors.Load(broken));
        using var x = Tensor.Ones(1);
        Assert.Throws<TensorIOException>(() => SafeTensors.Save(Path.Combine(_folder, "no", "such", "folder"),
            new Dictionary<string, Tensor> { ["x"] = x }));
    }
}
