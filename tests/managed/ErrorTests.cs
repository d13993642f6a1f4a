// Errors have a type, and give the operator and its operands.

namespace TorchScratch.Tests;

public class ErrorTests
{
    [Fact]
    public void ErrorsNameOperatorAndShapes()
    {
        using var a = Tensor.Ones((2, 3));
        using var b = Tensor.Ones((4, 5));
        var error = Assert.Throws<ShapeException>(() => a + b);
        Assert.Equal(ErrorKind.Shape, error.Kind);
        Assert.Equal("add", error.Operator);
        Assert.Contains("2, 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("4, 5", error.Message, StringComparison.Ordinal);

        error = Assert.Throws<ShapeException>(() => a.MatMul(b));
        Assert.Equal("matmul", error.Operator);
        Assert.Throws<TensorIndexException>(() => a.Transpose(0, 2));
        Assert.Throws<DTypeException>(() => a.Mm(Tensor.Ones((3, 2), DType.Float64)));
        Assert.Throws<ShapeException>(() => a.Reshape(7));
        Assert.Throws<TensorMemoryException>(() => Tensor.Zeros(1L << 45));
    }

    [Fact]
    public void AModulePathPrecedesTheMessage()
    {
        var error = new ShapeException("matmul: (2, 3) by (4, 5)");
        Assert.Null(error.ModulePath);
        error.ModulePath = "encoder.0.linear";
        Assert.Equal("encoder.0.linear: matmul: (2, 3) by (4, 5)", error.Message);
        Assert.Equal("matmul", error.Operator);
    }

    [Theory]
    [InlineData("matmul: shapes", "matmul")]
    [InlineData("cross_entropy (in log_softmax): shapes", "cross_entropy")]
    [InlineData("conv2d: x", "conv2d")]
    [InlineData("out of memory: x", null)]
    [InlineData("Cannot: x", null)]
    [InlineData("", null)]
    public void TheOperatorIsReadFromTheMessage(string message, string? name) =>
        Assert.Equal(name, new ValueException(message).Operator);

    [Fact]
    public void NullTensorsAreRejected()
    {
        using var x = Tensor.Ones(1);
        Assert.ThrowsAny<TorchScratchException>(() => x.Add(null!));
        Assert.Throws<ArgumentNullException>(() => null! + x);
        Assert.Throws<ArgumentNullException>(() => (float)(Tensor)null!);
    }
}
