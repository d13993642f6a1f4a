// Numbers that are easy to reproduce in PyTorch, by torch.sin(torch.arange(...)), for expected values taken from it.

using TorchScratch.NN;

namespace TorchScratch.Tests.NN;

internal static class Sines
{
    /// <summary>sin(start), sin(start + 1), ...</summary>
    public static Tensor Of(long[] shape, int start)
    {
        var count = (int)shape.Aggregate(1L, (product, size) => product * size);
        return Tensor.FromArray(Enumerable.Range(start, count).Select(i => Math.Sin(i)).ToArray()).Reshape(shape);
    }

    /// <summary>Fills the i-th parameter, counted from 1, with sin(10 i), sin(10 i + 1), ...</summary>
    public static void Fill(Module module)
    {
        using var noGrad = Autograd.NoGrad();
        var start = 10;
        foreach (var parameter in module.Parameters())
        {
            parameter.Value.Copy_(Of(parameter.Shape.ToArray(), start));
            start += 10;
        }
    }

    /// <summary>Compares with expected values below 10 that have 12 digits.</summary>
    public static void AssertEqual(double[] expected, Tensor actual)
    {
        var values = actual.Flatten().ToArray<double>();
        Assert.Equal(expected.Length, values.Length);
        Assert.All(expected.Zip(values), pair => Assert.Equal(pair.First, pair.Second, 1e-11));
    }
}
