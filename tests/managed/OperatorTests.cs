// C# operators, scalars on either side, and the properties of tensors.

namespace TorchScratch.Tests;

public class OperatorTests
{
    [Fact]
    public void ArithmeticTakesTensorsAndNumbersOnEitherSide()
    {
        using var x = Tensor.FromArray([1f, 2f, 4f]);
        using var y = Tensor.FromArray([10f, 20f, 40f]);
        Assert.Equal([11f, 22f, 44f], (x + y).ToArray<float>());
        Assert.Equal([2f, 3f, 5f], (x + 1).ToArray<float>());
        Assert.Equal([2.5f, 3.5f, 5.5f], (1.5 + x).ToArray<float>());
        Assert.Equal([9f, 18f, 36f], (y - x).ToArray<float>());
        Assert.Equal([0f, 1f, 3f], (x - 1).ToArray<float>());
        Assert.Equal([0f, -1f, -3f], (1 - x).ToArray<float>());
        Assert.Equal([10f, 40f, 160f], (x * y).ToArray<float>());
        Assert.Equal([2f, 4f, 8f], (2 * x).ToArray<float>());
        Assert.Equal([10f, 10f, 10f], (y / x).ToArray<float>());
        Assert.Equal([0.5f, 1f, 2f], (x / 2).ToArray<float>());
        Assert.Equal([4f, 2f, 1f], (4 / x).ToArray<float>());
        Assert.Equal([1f, 2f, 1f], (x % 3).ToArray<float>());
        Assert.Equal([0f, 1f, 3f], (7 % x).ToArray<float>());
        Assert.Equal([-1f, -2f, -4f], (-x).ToArray<float>());
    }

    [Fact]
    public void ComparisonsGiveBoolTensors()
    {
        using var x = Tensor.FromArray([1, 2, 3]);
        using var y = Tensor.FromArray([3, 2, 1]);
        Assert.Equal([true, false, false], (x < y).ToArray<bool>());
        Assert.Equal([true, true, false], (x <= 2).ToArray<bool>());
        Assert.Equal([false, false, true], (2 < x).ToArray<bool>());
        Assert.Equal([false, true, true], (x >= y).ToArray<bool>());
        Assert.Equal([true, false, false], (2 > x).ToArray<bool>());
        Assert.Equal([true, true, false], (2 >= x).ToArray<bool>());
        Assert.Equal([false, true, false], x.Eq(y).ToArray<bool>());
        Assert.Equal([false, true, false], ((x > 1) & (x < 3)).ToArray<bool>());
        Assert.Equal([true, false, true], ((x < 2) | (x > 2)).ToArray<bool>());
        Assert.Equal([true, true, false], ((x < 2) ^ (x < 3) ^ (x < 2)).ToArray<bool>());
        Assert.Equal([false, true, true], (!(x < 2)).ToArray<bool>());
        Assert.Contains("bool", Assert.Throws<DTypeException>(() => x & y).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ScalarsPromoteTheClassButNotTheWidth()
    {
        using var half = Tensor.Ones(2, DType.Float16);
        using var integers = Tensor.Ones(2, DType.Int32);
        Assert.Equal(DType.Float16, (half * 2.5).DType);
        Assert.Equal(DType.Int32, (integers * 2).DType);
        Assert.Equal(DType.Float32, (integers * 2.5).DType);
        Assert.Equal(DType.Float32, (integers / 2).DType);
        Assert.Equal(DType.Float32, DType.Float16.PromoteWith(DType.BFloat16));
    }

    [Fact]
    public void PropertiesDescribeTheTensor()
    {
        using var x = Tensor.FromArray(new float[24], (2, 3, 4));
        Assert.Equal([2, 3, 4], x.Shape);
        Assert.Equal([12, 4, 1], x.Strides);
        Assert.Equal(3, x.NDim);
        Assert.Equal(24, x.ElementCount);
        Assert.Equal(4, x.Size(-1));
        Assert.Equal(DType.Float32, x.DType);
        Assert.True(x.IsContiguous);
        Assert.False(x.IsView);
        Assert.True(x.IsLeaf);
        var error = Assert.Throws<TensorIndexException>(() => x.Size(3));
        Assert.Contains("(2, 3, 4)", error.Message, StringComparison.Ordinal);

        using var view = x[1];
        Assert.True(view.IsView);
        Assert.Equal(12, view.StorageOffset);
        Assert.Equal(0, x.Version);
        view.Fill_(1);
        Assert.Equal(1, x.Version);
        Assert.False(x.IsSame(view));
    }

    [Fact]
    public void ToStringMatchesPyTorch()
    {
        Assert.Equal("tensor([[1., 2.],\n        [3., 4.]])", Tensor.FromArray([1f, 2f, 3f, 4f], (2, 2)).ToString());
        Assert.Equal("tensor([1, 2, 3])", Tensor.FromArray([1L, 2L, 3L]).ToString());
        Assert.Equal("tensor([ True, False])", Tensor.FromArray([true, false]).ToString());
        Assert.Equal("tensor(2.5000)", Tensor.FromScalar(2.5).ToString());
        Assert.Equal("tensor([1., 2.], dtype=float64)", Tensor.FromArray([1.0, 2.0]).ToString());
        Assert.Equal("tensor([1.], requires_grad=True)", Tensor.FromArray([1f]).RequiresGrad_().ToString());
        var gone = Tensor.Zeros(1);
        gone.Dispose();
        Assert.Equal("Tensor (disposed)", gone.ToString());
    }

    [Fact]
    public void ScalarsKeepTheirKind()
    {
        Scalar integer = 3, floating = 3.5, boolean = true;
        Assert.True(integer.IsInteger && floating.IsFloatingPoint && boolean.IsBoolean);
        Assert.Equal(3, floating.ToInt64());
        Assert.Equal(-3.5, (-floating).ToDouble());
        Assert.Equal("3.5", floating.ToString());
        Assert.NotEqual((Scalar)1, (Scalar)1.0);
        Assert.Equal((Scalar)1, (Scalar)1L);
        Assert.False(default(Scalar).ToBoolean());
    }
}
