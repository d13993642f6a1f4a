// What programs in F# write, in tests/fsharp: it compiles, and means what it says.

using TorchScratch.FSharp;
using TorchScratch.NN;
using Net = TorchScratch.FSharp.Training.Net;

namespace TorchScratch.Tests;

public class FSharpTests
{
    [Fact]
    public void SizesAreNumbersListsAndArrays() =>
        Assert.All(Tensors.created(), x => Assert.Equal([2, 3], x.Shape.ToArray()));

    [Fact]
    public void TensorsAreIndexedAndSliced()
    {
        var x = Tensor.Arange(12).Reshape(3, 4);
        Assert.True(Tensors.table().Equal(x));
        Tensor[] expected = [x[0], x[0], x[2], x[2], x[1, 2], x[.., 0], x[1..3], x[1..3], x[..2, 0], x[1..3], x[1..],
            x[..2, 1..3], x[.., 1], x[1, ..2], x[2, 2..]];
        var parts = Tensors.parts(x);
        Assert.Equal(expected.Length, parts.Count);
        for (var i = 0; i < expected.Length; i++)
            Assert.True(expected[i].Equal(parts[i]), $"part {i}: {parts[i]}");
        Assert.Equal([0L, 4, 8], Tensors.rows(x).Select(row => (long)row[0]));
        Assert.Equal([5L, 5, 5, 5, 4, 5, 50, 7, 0, 1, 2, 3], Tensors.assigned(x).Flatten().ToArray<long>());
    }

    [Fact]
    public void OperatorsTakeNumbers()
    {
        var (x, y) = (Tensor.From([3f]), Tensor.From([2f]));
        Assert.All(Tensors.calculated(x, y), z => Assert.Equal(7, (double)z));
        Assert.All(Tensors.calculated(x, y), z => Assert.Equal(DType.Float32, z.DType));
        Assert.All(Tensors.compared(x, y), z => Assert.True((bool)z));
    }

    [Fact]
    public void TensorsAreInListsAndReduced()
    {
        Assert.All(Tensors.joined(Tensor.Arange(2), Tensor.Arange(3, 5)),
            x => Assert.Equal([0L, 1, 3, 4], x.ToArray<long>()));
        var (sum, rows, largest, mean) = Tensors.reduced(Tensor.Arange(12).Reshape(3, 4));
        Assert.Equal((66, 5.5f), (sum, mean));
        Assert.Equal([6L, 22, 38], rows);
        Assert.Equal([3L, 7, 11], largest);
    }

    [Fact]
    public void FunctionsAndListsAreDifferentiated()
    {
        Assert.Equal([4.0, 3, 4, 4, 3], Derivatives.gradients());
        Assert.Equal([2.0, 0, 0, 4], Derivatives.jacobian().Flatten().ToArray<double>());
        Assert.Equal([6.0, 4, 4, 0], Derivatives.hessian().SelectMany(row => row).Select(x => (double)x));
        Assert.Equal(0, (double)Derivatives.checkpointed(Tensor.FromScalar(0.0)));
        Assert.False(Derivatives.isRecorded(Tensor.Ones(1).RequiresGrad_()));
        Assert.True(Autograd.IsGradEnabled);
    }

    [Fact]
    public void ModulesOfFSharpTrain()
    {
        Runtime.ManualSeed(1);
        using var net = new Net(16);
        Assert.Equal(["factor", "first.weight", "first.bias", "second.weight", "second.bias"],
            net.NamedParameters().Select(entry => entry.Name));
        foreach (var module in (Module<Tensor, Tensor>[])[net, FSharp.Training.stack()])
        {
            var losses = FSharp.Training.losses(module, 100);
            Assert.InRange(losses[^1], 0, losses[0] / 4);
        }
    }
}
