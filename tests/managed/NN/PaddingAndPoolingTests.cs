// Padding layers, and max pooling with indices.

using TorchScratch.NN;

namespace TorchScratch.Tests.NN;

public class PaddingAndPoolingTests
{
    [Fact]
    public void PaddingAddsToTheEnds()
    {
        var row = Tensor.FromArray(new float[,,] { { { 1, 2, 3 } } });
        Assert.Equal([7f, 1, 2, 3, 7, 7], Values(new ConstantPad1d((1, 2), 7), row));
        Assert.Equal([3f, 2, 1, 2, 3, 2], Values(new ReflectionPad1d((2, 1)), row));
        Assert.Equal([1f, 1, 1, 2, 3, 3], Values(new ReplicationPad1d((2, 1)), row));
        Assert.Equal([2f], Values(new ConstantPad1d(-1, 0), row));
        var image = Tensor.FromArray(new float[,,] { { { 1, 2 }, { 3, 4 } } });
        Assert.Equal([0f, 0, 0, 1, 2, 0, 3, 4, 0], Values(new ZeroPad2d((0, 1, 1, 0)), image));
        Assert.Equal([4f, 3, 4, 3, 2, 1, 2, 1, 4, 3, 4, 3, 2, 1, 2, 1], Values(new ReflectionPad2d(1), image));
        Assert.Equal([1f, 1, 2, 3, 3, 4], Values(new ReplicationPad2d((1, 0, 0, 0)), image));
        Assert.Equal([9f, 1, 2, 9, 3, 4], Values(new ConstantPad2d((1, 0, 0, 0), 9), image));
        var volume = image.Unsqueeze(1);
        Assert.Equal([1L, 3, 4, 3], new ConstantPad3d((0, 1, 2, 0, 1, 1), 5).Call(volume).Shape.ToArray());
        Assert.Equal([1L, 2, 2, 3], new ReplicationPad3d((0, 1, 0, 0, 1, 0)).Call(volume).Shape.ToArray());
        Assert.Equal([1L, 1, 3, 2], new ReflectionPad3d((0, 0, 1, 0, 0, 0)).Call(volume).Shape.ToArray());
    }

    [Fact]
    public void TextsAndErrors()
    {
        Assert.Equal("ConstantPad1d(padding=(3, 1), value=3.5)", new ConstantPad1d((3, 1), 3.5).ToString());
        Assert.Equal("ZeroPad2d((1, 1, 1, 1))", new ZeroPad2d(1).ToString());
        Assert.Equal("ReflectionPad2d((1, 2, 0, 1))", new ReflectionPad2d((1, 2, 0, 1)).ToString());
        Assert.Equal("MaxUnpool2d(kernel_size=(2, 2), stride=(2, 2), padding=(1, 1))",
            new MaxUnpool2d(2, padding: 1).ToString());
        Assert.Equal("MaxUnpool1d(kernel_size=(2,), stride=(1,), padding=(0,))", new MaxUnpool1d(2, 1).ToString());
        var error = Assert.Throws<ShapeException>(() => new ZeroPad2d(1).Call(Tensor.Zeros([2, 2])));
        Assert.Contains("ZeroPad2d: input must have 3 or 4 dimensions", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => new MaxUnpool1d(0));
    }

    [Fact]
    public void UnpoolingPutsMaximaBack()
    {
        var image = Sines.Of([1, 1, 5, 5], 1);
        var (maxima, indices) = new MaxPool2d(2, padding: 1).CallWithIndices(image);
        // torch.nn.MaxPool2d(2, padding=1, return_indices=True) of PyTorch 1.13.
        Assert.Equal([0L, 1, 3, 5, 7, 13, 20, 21, 19], indices.Flatten().ToArray<long>());
        using var unpool = new MaxUnpool2d(2, padding: 1);
        var back = unpool.Call(maxima, indices, 5, 5).Flatten();
        Assert.Equal([0L, 1, 3, 5, 7, 13, 19, 20, 21], back.Nonzero().Flatten().ToArray<long>());
        Assert.Equal(maxima.Flatten().ToArray<double>(), back.Take(indices).Flatten().ToArray<double>());
        // Some of the indices are beyond the smallest size with such an output.
        Assert.Throws<TensorIndexException>(() => unpool.Call(maxima, indices));
        Assert.Throws<ShapeException>(() => unpool.Call(maxima, indices, 9, 5));
        Assert.Throws<ShapeException>(() => unpool.Call(maxima, indices.Flatten()));

        var row = Tensor.FromArray(new double[,] { { 3, 1, 2, 5, 4, 0 } });
        var (tops, at) = new MaxPool1d(2).CallWithIndices(row);
        Assert.Equal([3.0, 0, 0, 5, 4, 0], new MaxUnpool1d(2).Call(tops, at).Flatten().ToArray<double>());
    }

    [Fact]
    public void UnpoolingHasGradients()
    {
        var indices = Tensor.FromArray(new long[,] { { 1, 2 } });
        using var unpool = new MaxUnpool1d(2);
        var maxima = Sines.Of([1, 2], 1);
        maxima.RequiresGrad = true;
        Assert.True(Autograd.GradCheck(x => unpool.Call(x, indices), maxima));
    }

    private static float[] Values(Module<Tensor, Tensor> module, Tensor input) =>
        module.Call(input).Flatten().ToArray<float>();
}
