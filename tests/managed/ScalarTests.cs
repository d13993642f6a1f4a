// Numbers outside tensors: what fits in an element type or a C# type is converted, what does not raises.
using Xunit;

namespace TorchScratch.Tests;

public class ScalarTests
{
    [Fact]
    public void FloatingBoundsMakeIntegersFloating()
    {
        using var scope = new TensorScope();
        var clamped = Tensor.FromArray([1L, 5L]).Clamp(1.5, 3.5);
        Assert.Equal(DType.Float32, clamped.DType);
        Assert.Equal([1.5f, 3.5f], clamped.ToArray<float>());
    }

    [Fact]
    public void NumbersThatDoNotFitRaise()
    {
        using var scope = new TensorScope();
        var x = Tensor.FromArray([1L, 2L]);
        Assert.Throws<ValueException>(() => Tensor.Full([1], 300, DType.UInt8));
        Assert.Throws<ValueException>(() => Tensor.Full([1], double.NaN, DType.Int64));
        Assert.Throws<ValueException>(() => Tensor.FromScalar(300, DType.Int8));
        Assert.Throws<ValueException>(() => x.Fill_(double.PositiveInfinity));
        Assert.Throws<ValueException>(() => x.Pow(-1));
        Assert.Throws<ValueException>(() => x.Add(x, alpha: 1.5));
        Assert.Equal([1L, 2L], x.ToArray<long>());
    }

    [Fact]
    public void ElementsThatDoNotFitInACSharpTypeRaise()
    {
        using var scope = new TensorScope();
        Assert.Equal(-1, Tensor.FromScalar(-1.9).Item<int>());
        Assert.Throws<ValueException>(() => Tensor.FromScalar(300).Item<byte>());
        Assert.Throws<ValueException>(() => Tensor.FromScalar(-1).Item<byte>());
        Assert.Throws<ValueException>(() => Tensor.FromScalar(1L << 31).Item<int>());
        Assert.Throws<ValueException>(() => (int)Tensor.FromScalar(1L << 31));
        foreach (var number in (double[])[double.NaN, double.PositiveInfinity, 1e300, 9223372036854775808.0])
        {
            Assert.Throws<ValueException>(() => Tensor.FromScalar(number, DType.Float64).ToInt64());
            Assert.Throws<ValueException>(() => ((Scalar)number).ToInt64());
        }
        Assert.Equal(long.MinValue, ((Scalar)(-9223372036854775808.0)).ToInt64());
    }
}
