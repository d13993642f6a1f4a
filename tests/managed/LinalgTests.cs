// Linear algebra from C#: methods, optional outputs and errors.

namespace TorchScratch.Tests;

public class LinalgTests
{
    private static Tensor Matrix => Tensor.FromArray(new double[,] { { 4, 1 }, { 1, 3 } });

    [Fact]
    public void FactorsMultiplyToTheMatrix()
    {
        var (u, s, vh) = Linalg.Svd(Matrix);
        AssertClose(Matrix, u.MatMul(s.DiagEmbed()).MatMul(vh));
        var (q, r) = Linalg.Qr(Matrix, QrMode.Complete);
        AssertClose(Matrix, q.MatMul(r));
        var (values, vectors) = Linalg.EigH(Matrix, uplo: Triangle.U);
        AssertClose(Matrix, (vectors * values).MatMul(vectors.T()));
        var lower = Linalg.Cholesky(Matrix);
        AssertClose(Matrix, lower.MatMul(lower.T()));
        AssertClose(Tensor.Eye(2, dtype: DType.Float64), Matrix.MatMul(Linalg.Inv(Matrix)));
    }

    [Fact]
    public void NormsTakeNumbersAndNames()
    {
        Assert.Equal(Math.Sqrt(27), Linalg.Norm(Matrix).Item().ToDouble(), 1e-14);
        // The trace, because both eigenvalues are positive.
        Assert.Equal(7, Linalg.Norm(Matrix, MatrixNormKind.Nuc).Item().ToDouble(), 1e-13);
        Assert.Equal(5, Linalg.Norm(Matrix, 1).Item().ToDouble());
        Assert.Equal(5, Matrix.Norm(double.PositiveInfinity, dim: 1).Max().Item().ToDouble() + 1);
    }

    [Fact]
    public void TheGradientOfADeterminantIsTheMatrixOfCofactors()
    {
        var a = Matrix.RequiresGrad_();
        a.Det().Backward();
        AssertClose(Tensor.FromArray(new double[,] { { 3, -1 }, { -1, 4 } }), a.Grad!);
    }

    [Fact]
    public void OutputsNotRequestedAreNull()
    {
        var (output, inverse, counts) = Tensor.FromArray(new long[] { 3, 1, 3 }).Unique(returnCounts: true);
        Assert.Equal([1, 3], output.ToArray<long>());
        Assert.Null(inverse);
        Assert.Equal([1, 2], counts!.ToArray<long>());
    }

    [Fact]
    public void ErrorsAreTypedAndNameTheOperator()
    {
        Assert.Contains("singular", Assert.Throws<ValueException>(() => Linalg.Inv(Tensor.Zeros([2, 2]))).Message);
        Assert.Contains("Linalg.Inv", Assert.Throws<ShapeException>(() => Linalg.Inv(Tensor.Zeros([2, 3]))).Message);
        Assert.Throws<DTypeException>(() => Linalg.Svd(Tensor.Zeros([2, 2], DType.Int64)));
    }

    private static void AssertClose(Tensor expected, Tensor actual) =>
        Assert.True((expected - actual).Abs().Max().Item().ToDouble() < 1e-13, $"{expected} {actual}");
}
