// Marks tests that need a real data set.

namespace TorchScratch.Tests.Data;

/// <summary>Skipped unless a file exists below $TORCHSCRATCH_DATA.</summary>
public sealed class RealDataFactAttribute : FactAttribute
{
    /// <param name="file">A file that the test reads, below $TORCHSCRATCH_DATA.</param>
    public RealDataFactAttribute(string file) =>
        Skip = PathOf(file) is null ? $"needs $TORCHSCRATCH_DATA/{file}" : null;

    public static string? PathOf(string file)
    {
        var root = Environment.GetEnvironmentVariable("TORCHSCRATCH_DATA");
        return !string.IsNullOrEmpty(root) && File.Exists(Path.Combine(root, file)) ? Path.Combine(root, file) : null;
    }
}
