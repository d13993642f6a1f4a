// Reading the metadata of .safetensors files without their tensors.

using System.Text;
using TorchScratch.IO;

namespace TorchScratch.Tests;

public sealed class SafeTensorsMetadataTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("torchscratch").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public void MetadataAreThoseThatWereSaved()
    {
        var path = Path.Combine(_folder, "größe.safetensors");
        using var weight = Tensor.Randn((3, 4));
        var tensors = new Dictionary<string, Tensor> { ["weight"] = weight, ["empty"] = Tensor.Zeros((0, 3)) };
        var metadata = new Dictionary<string, string> { ["format"] = "pt", ["quote"] = "\"\\\n ü", [""] = "" };
        SafeTensors.Save(path, tensors, metadata);
        Assert.Equal(metadata, SafeTensors.ReadMetadata(path));
        SafeTensors.Load(path, out var loaded);
        Assert.Equal(loaded, SafeTensors.ReadMetadata(path));
        SafeTensors.Save(path, tensors);
        Assert.Empty(SafeTensors.ReadMetadata(path));
        SafeTensors.Save(path, new Dictionary<string, Tensor>(), metadata);
        Assert.Equal(metadata, SafeTensors.ReadMetadata(path));
    }

    // Every file that has all its data, and no shorter one: where Load fails for want of bytes, so does ReadMetadata.
    [Fact]
    public void ATruncatedFileIsAnError()
    {
        var path = Path.Combine(_folder, "part.safetensors");
        using var weight = Tensor.Randn((3, 4));
        SafeTensors.Save(path, new Dictionary<string, Tensor> { ["weight"] = weight },
            new Dictionary<string, string> { ["note"] = "text" });
        var whole = File.ReadAllBytes(path);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(path, whole[..length]);
            var error = Assert.Throws<TensorIOException>(() => SafeTensors.ReadMetadata(path));
            Assert.Contains(length < 8 ? $"{length} bytes are too few" : "truncated", error.Message,
                StringComparison.Ordinal);
            Assert.Contains(path, error.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("[]", "header is not valid JSON")]
    [InlineData("{", "header is not valid JSON")]
    [InlineData("PK not json at all", "header is not valid JSON")]
    [InlineData("{} {}", "header is not valid JSON")]
    [InlineData("{\"__metadata__\": []}", "metadata are not an object")]
    [InlineData("{\"__metadata__\": {\"epoch\": 3}}", "the metadata under \"epoch\" are not a text")]
    [InlineData("{\"w\": 1}", "entry of tensor \"w\" is not an object")]
    [InlineData("{\"w\": {\"dtype\": \"F32\"}}", "tensor \"w\" has no data_offsets")]
    [InlineData("{\"w\": {\"data_offsets\": [0, 0, 0]}}", "are not two numbers")]
    [InlineData("{\"w\": {\"data_offsets\": [0, 1e99]}}", "header is not valid JSON")]
    [InlineData("{\"w\": {\"data_offsets\": [0, 4]}}", "describes 4 bytes of data, and only 0 follow")]
    [InlineData("{\"w\": {\"x\": [[[[[[[[[]]]]]]]]]}}", "header is not valid JSON")]
    public void AnInvalidHeaderIsAnError(string header, string message)
    {
        var path = Path.Combine(_folder, "broken.safetensors");
        var bytes = Encoding.UTF8.GetBytes(header);
        File.WriteAllBytes(path, [.. BitConverter.GetBytes((ulong)bytes.Length), .. bytes]);
        var error = Assert.Throws<TensorIOException>(() => SafeTensors.ReadMetadata(path));
        Assert.Contains(message, error.Message, StringComparison.Ordinal);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Throws<TensorIOException>(() => SafeTensors.Load(path));
    }

    [Fact]
    public void AFileOfAnotherFormatIsAnError()
    {
        var path = Path.Combine(_folder, "text");
        File.WriteAllText(path, "This is a plain text, much longer than eight bytes.");
        Assert.Contains("100000000", Message(path), StringComparison.Ordinal);
        File.WriteAllBytes(path, [2, 0, 0, 0, 0, 0, 0, 0, 0xC3, 0x28]);
        Assert.Contains("not a .safetensors file", Message(path), StringComparison.Ordinal);
        File.WriteAllBytes(path, [0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF]);
        Assert.Contains("18446744073709551615", Message(path), StringComparison.Ordinal);
        Assert.Contains("is a folder", Message(_folder), StringComparison.Ordinal);
        Assert.Contains("there is no file", Message(Path.Combine(_folder, "missing")), StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => SafeTensors.ReadMetadata(""));

        static string Message(string path) =>
            Assert.Throws<TensorIOException>(() => SafeTensors.ReadMetadata(path)).Message;
    }
}
