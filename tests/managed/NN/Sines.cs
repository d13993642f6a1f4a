// Numbers that PyTorch makes again with torch.sin(torch.arange(...)), for expectations taken from it.

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

    /// <summary>Gives the i-th parameter, counted from 1, the sines from 10 i on.</summary>
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

    /// <summary>Compares with numbers of 12 digits, below 10.</summary>
    public static void AssertEqual(double[] expected, Tensor actual)
    {
        var values = actual.Flatten().ToArray<double>();
        Assert.Equal(expected.Length, values.Length);
        Assert.All(expected.Zip(values), pair => Assert.Equal(pair.First, pair.Second, 1e-11));
    }
}
