// Marks tests that need the real MNIST.

using TorchScratch.Data;

namespace TorchScratch.Tests.Data;

/// <summary>Skipped unless $TORCHSCRATCH_DATA/mnist has the four files.</summary>
public sealed class MnistFactAttribute : FactAttribute
{
    public MnistFactAttribute() => Skip = Folder is null ? "needs $TORCHSCRATCH_DATA/mnist" : null;

    public static string? Folder
    {
        get
        {
            var root = Environment.GetEnvironmentVariable("TORCHSCRATCH_DATA");
            var folder = string.IsNullOrEmpty(root) ? null : Path.Combine(root, "mnist");
            return folder is not null && Mnist.IsPresent(folder) ? folder : null;
        }
    }
}
