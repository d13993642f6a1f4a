// The examples of the reference print what it says. They come from `example:` in native/ops.yaml.

using System.Text.RegularExpressions;

namespace TorchScratch.Tests;

public partial class ReferenceTests
{
    // The definitions that every page of the reference shows above its examples.
    private static Tensor x => Tensor.FromArray([1f, 2f, 3f]);
    private static Tensor y => Tensor.FromArray([0.5f, -1f, 2f]);
    private static Tensor m => Tensor.FromArray(new[,] { { 1f, 2f }, { 3f, 4f } });
    private static Tensor n => Tensor.FromArray([6L, 3L, 4L]);
    private static Tensor i => Tensor.FromArray([0L, 1L]);
    private static Tensor b => Tensor.FromArray([true, false, true]);
    private static Tensor image => Tensor.Arange(16f).Reshape(1, 1, 4, 4);

    [Fact]
    public void ExamplesPrintWhatTheReferenceSays()
    {
        var wrong = new List<string>();
        foreach (var (row, example, output) in Examples)
        {
            Runtime.ManualSeed(0);
            string printed;
            try
            {
                printed = Print(example());
            }
            catch (DeviceException e) when (e.Message.Contains("LAPACK", StringComparison.Ordinal))
            {
                Console.WriteLine($"skipped: {row} needs LAPACK, which is not installed");
                continue;
            }
            catch (TorchScratchException e)
            {
                printed = e.Message;
            }
            if (printed != output)
                wrong.Add($"{row}: the example prints {printed}");
        }
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
        Assert.NotEmpty(Examples);
    }

    private static string Print(object? value) => value switch
    {
        null => "none",
        Tensor[] list => $"[{string.Join(", ", list.Select(Print))}]",
        System.Runtime.CompilerServices.ITuple tuple =>
            $"({string.Join(", ", Enumerable.Range(0, tuple.Length).Select(k => Print(tuple[k])))})",
        _ => Spaces().Replace(value.ToString()!, " ").Replace("[ ", "[", StringComparison.Ordinal),
    };

    [GeneratedRegex(@"\s+")]
    private static partial Regex Spaces();
}
