// Derivatives of functions compared with formulas, and the gradient check applied to correct and wrong gradients.

using System.Globalization;

namespace TorchScratch.Tests;

public class DerivativesTests
{
    // f(x, y) = (x y, sum x^2): its derivatives are written out below.
    private static Tensor[] ProductAndSquares(Tensor[] x) => [x[0] * x[1], (x[0] * x[0]).Sum()];

    private static Tensor X => Tensor.FromArray([2.0, 3.0]);
    private static Tensor Y => Tensor.FromArray([5.0, 7.0]);

    [Fact]
    public void VjpMultipliesByTheTransposedJacobian()
    {
        var (output, product) = Autograd.Vjp(x => x * x * x, X, Tensor.FromArray([1.0, 10.0]));
        Assert.Equal([8.0, 27.0], output.ToArray<double>());
        Assert.Equal([12.0, 270.0], product.ToArray<double>());
        Assert.False(output.RequiresGrad || product.RequiresGrad);

        // v1 y + 2 v2 x, and v1 x.
        var (_, products) = Autograd.Vjp(ProductAndSquares, [X, Y],
            [Tensor.FromArray([1.0, 2.0]), Tensor.Full([], 3.0)]);
        Assert.Equal([5.0 + 12, 14 + 18.0], products[0].ToArray<double>());
        Assert.Equal([2.0, 6.0], products[1].ToArray<double>());

        // For an output with one element the vector may be omitted.
        Assert.Equal([4.0, 6.0], Autograd.Vjp(x => (x * x).Sum(), X).Product.ToArray<double>());
    }

    [Fact]
    public void JvpMultipliesByTheJacobian()
    {
        var (output, product) = Autograd.Jvp(x => x * x * x, X, Tensor.FromArray([1.0, 10.0]));
        Assert.Equal([8.0, 27.0], output.ToArray<double>());
        Assert.Equal([12.0, 270.0], product.ToArray<double>());

        // dx y + x dy, and 2 x dx.
        var (outputs, products) = Autograd.Jvp(ProductAndSquares, [X, Y],
            [Tensor.FromArray([1.0, 2.0]), Tensor.FromArray([3.0, 4.0])]);
        Assert.Equal(13.0, outputs[1].ToDouble());
        Assert.Equal([5.0 + 6, 14 + 12.0], products[0].ToArray<double>());
        Assert.Equal(2.0 * (2 + 6), products[1].ToDouble());

        // The derivative of a linear map is the map itself.
        var matrix = Tensor.FromArray(new double[,] { { 1, 2 }, { 3, 4 }, { 5, 6 } });
        Assert.Equal([8.0, 18.0, 28.0], Autograd.Jvp(x => matrix.MatMul(x), Y, X).Product.ToArray<double>());
    }

    [Fact]
    public void JacobiansOfSeveralInputsAndOutputs()
    {
        var jacobian = Autograd.Jacobian(x => Tensor.Stack([x.Prod(), x.Sum(), x[0] * 2]), X);
        Assert.Equal([3L, 2L], jacobian.Shape.ToArray());
        Assert.Equal([3.0, 2, 1, 1, 2, 0], jacobian.ToArray<double>());

        var parts = Autograd.Jacobian(ProductAndSquares, [X, Y]);
        Assert.Equal([5.0, 0, 0, 7], parts[0][0].ToArray<double>());
        Assert.Equal([2.0, 0, 0, 3], parts[0][1].ToArray<double>());
        Assert.Equal([4.0, 6], parts[1][0].ToArray<double>());
        Assert.Equal([0.0, 0], parts[1][1].ToArray<double>());

        // Each shape is that of the output followed by that of the input.
        var product = Autograd.Jacobian(x => x.MatMul(Tensor.Ones((3, 4))), Tensor.Ones((2, 3)));
        Assert.Equal([2L, 4, 2, 3], product.Shape.ToArray());
        Assert.Equal([0L, 2], Autograd.Jacobian(x => x[..0], X).Shape.ToArray());
    }

    [Fact]
    public void HessiansAndTheirProducts()
    {
        // x0^2 x1 has the second derivatives 2 x1, 2 x0 and 0.
        static Tensor Cubic(Tensor x) => x[0] * x[0] * x[1];
        Assert.Equal([6.0, 4, 4, 0], Autograd.Hessian(Cubic, X).ToArray<double>());
        var (value, product) = Autograd.Hvp(Cubic, X, Tensor.FromArray([1.0, -1.0]));
        Assert.Equal(12.0, value.ToDouble());
        Assert.Equal([2.0, 4.0], product.ToArray<double>());

        static Tensor Bilinear(Tensor[] x) => (x[0] * x[0] * x[1]).Sum();
        var parts = Autograd.Hessian(Bilinear, [X, Y]);
        Assert.Equal([10.0, 0, 0, 14], parts[0][0].ToArray<double>());
        Assert.Equal([4.0, 0, 0, 6], parts[0][1].ToArray<double>());
        Assert.Equal([4.0, 0, 0, 6], parts[1][0].ToArray<double>());
        Assert.Equal([0.0, 0, 0, 0], parts[1][1].ToArray<double>());
        var (_, products) = Autograd.Hvp(Bilinear, [X, Y],
            [Tensor.FromArray([1.0, 0.0]), Tensor.FromArray([0.0, 1.0])]);
        Assert.Equal([10.0, 6.0], products[0].ToArray<double>());
        Assert.Equal([4.0, 0.0], products[1].ToArray<double>());

        // The Hessian of a linear function is zero.
        Assert.Equal([0.0, 0, 0, 0], Autograd.Hessian(x => x.Sum(), X).ToArray<double>());
    }

    [Fact]
    public void CreateGraphRecordsTheResult()
    {
        using var x = X.RequiresGrad_();
        var third = Autograd.Hessian(v => (v * v * v).Sum(), x, createGraph: true).Sum();
        Assert.Equal([6.0, 6.0], Autograd.Grad(third, x).ToArray<double>());
        var (_, tangent) = Autograd.Jvp(v => v * v, x, Tensor.FromArray([1.0, 2.0]), createGraph: true);
        Assert.Equal([2.0, 4.0], Autograd.Grad(tangent.Sum(), x).ToArray<double>());
        Assert.Null(x.Grad);
        using (Autograd.NoGrad())
            Assert.Equal([4.0, 6.0], Autograd.Vjp(v => (v * v).Sum(), x).Product.ToArray<double>());
    }

    [Fact]
    public void ErrorsNameWhatHasNoDerivative()
    {
        var integers = Tensor.FromArray([1L]);
        var e = Assert.Throws<DTypeException>(() => Autograd.Vjp(x => x, integers, integers));
        Assert.Contains("vjp: input 0 is int64", e.Message, StringComparison.Ordinal);
        e = Assert.Throws<DTypeException>(() => Autograd.Jacobian(x => x > 0, X));
        Assert.Contains("jacobian: output 0 is bool", e.Message, StringComparison.Ordinal);
        var shape = Assert.Throws<ShapeException>(() => Autograd.Vjp(x => x * x, X));
        Assert.Contains("vectors", shape.Message, StringComparison.Ordinal);
        shape = Assert.Throws<ShapeException>(() => Autograd.Jvp(x => x * x, X, Tensor.Ones(3)));
        Assert.Contains("tangents[0] is (3), but input 0 is (2)", shape.Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => Autograd.Hessian(x => x * x, X));
        Assert.Throws<ValueException>(() => Autograd.Jvp(ProductAndSquares, [X, Y], [X]));
    }

    // ---- GradCheck ----

    [Fact]
    public void CorrectGradientsPass()
    {
        var x = Tensor.FromArray(new[,] { { 0.3, -1.2, 0.8 }, { 2.1, 0.4, -0.6 } }).RequiresGrad_();
        var weight = Tensor.FromArray(new[,] { { 0.5, 1.5, -0.7 } }).RequiresGrad_();
        Assert.True(Autograd.GradCheck(v => v.Tanh(), x));
        Assert.True(Autograd.GradGradCheck(v => v.Tanh(), x));
        // Several inputs and outputs, a constant input and an integer output among them.
        Tensor[] Layers(Tensor[] v) => [v[0].MatMul(v[1].Transpose(0, 1)) * v[2], v[0].Softmax(1), v[0].ArgMax(1)];
        Assert.True(Autograd.GradCheck(Layers, [x, weight, Tensor.FromArray([2f])]));
        Assert.True(Autograd.GradGradCheck(Layers, [x, weight, Tensor.FromArray([2f])]));
        // 0-d, empty and transposed inputs; one output depends on no input.
        Assert.True(Autograd.GradCheck(v => v.Exp(), Tensor.Full([], 0.5, DType.Float64).RequiresGrad_()));
        Assert.True(Autograd.GradCheck(v => v.Exp(), Tensor.Zeros([0, 2], DType.Float64).RequiresGrad_()));
        Assert.True(Autograd.GradCheck(v => v.CumSum(1), x.Detach().Transpose(0, 1).RequiresGrad_()));
        Assert.True(Autograd.GradCheck(v => [v[0] * 2, Tensor.Ones([2], DType.Float64)], [x]));
        Assert.Null(x.Grad);
    }

    [Fact]
    public void WrongGradientsAreFoundAndLocated()
    {
        var x = Tensor.FromArray(new[,] { { 0.5, 2.0 }, { 3.0, 4.0 } }).RequiresGrad_();
        var wrong = new SquareWithWrongElement();
        Assert.False(Autograd.GradCheck(v => wrong.Call(v), x, raiseException: false));
        Tensor[] DetachedAndWrong(Tensor[] v) => [v[1].Detach() * 2, wrong.Call(v[0])];
        var e = Assert.Throws<GradCheckException>(() => Autograd.GradCheck(DetachedAndWrong, [x, x]));
        Assert.Contains("output 1 at (1, 0) with respect to input 0 at (1, 0)", e.Message, StringComparison.Ordinal);
        Assert.Contains("backward gives 7", e.Message, StringComparison.Ordinal);
        // The detached output depends on input 1, which gives four wrong zeros; one element of the square is wrong.
        Assert.Contains("5 of 64 derivatives differ", e.Message, StringComparison.Ordinal);
        Assert.Equal(6.0, double.Parse(e.Message.Split(" is ")[1].Split(' ')[0], CultureInfo.InvariantCulture), 6);
        Assert.Equal("gradcheck", e.Operator);
    }

    [Fact]
    public void WrongSecondDerivativesAreFound()
    {
        var x = Tensor.FromArray([0.5, 2.0]).RequiresGrad_();
        var once = new SquareDifferentiableOnce();
        Assert.True(Autograd.GradCheck(v => once.Call(v), x));
        Assert.False(Autograd.GradGradCheck(v => once.Call(v), x, raiseException: false));
        var e = Assert.Throws<GradCheckException>(() => Autograd.GradGradCheck(v => once.Call(v), x));
        Assert.StartsWith("gradgradcheck: ", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void GradCheckNeedsFloat64()
    {
        var e = Assert.Throws<DTypeException>(() => Autograd.GradCheck(v => v, Tensor.Ones(2).RequiresGrad_()));
        Assert.Contains("gradcheck: input 0 is float32", e.Message, StringComparison.Ordinal);
        var x = Tensor.FromArray([1.0]).RequiresGrad_();
        e = Assert.Throws<DTypeException>(() => Autograd.GradGradCheck(v => v.To(DType.Float32), x));
        Assert.Contains("gradgradcheck: output 0 is float32", e.Message, StringComparison.Ordinal);
        Assert.Throws<ValueException>(() => Autograd.GradCheck(v => v, Tensor.FromArray([1.0])));
    }

    // x^2 with the gradient 2 x, but 2 x + 1 at the third element.
    private sealed class SquareWithWrongElement : AutogradFunction
    {
        protected override Tensor[] Forward(FunctionContext context, Tensor[] inputs)
        {
            context.Save(inputs[0]);
            return [inputs[0] * inputs[0]];
        }

        protected override Tensor?[] Backward(FunctionContext context, Tensor?[] gradOutputs) =>
            [gradOutputs[0]! * (context.Saved[0] * 2 + Tensor.FromArray(new[,] { { 0.0, 0.0 }, { 1.0, 0.0 } }))];
    }

    // The gradient is right, but detached from its graph.
    private sealed class SquareDifferentiableOnce : AutogradFunction
    {
        protected override Tensor[] Forward(FunctionContext context, Tensor[] inputs)
        {
            context.Save(inputs[0]);
            return [inputs[0] * inputs[0]];
        }

        protected override Tensor?[] Backward(FunctionContext context, Tensor?[] gradOutputs) =>
            [gradOutputs[0]! * context.Saved[0].Detach() * 2];
    }
}
