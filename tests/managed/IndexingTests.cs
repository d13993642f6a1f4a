// Indexing compared with values written by hand.

namespace TorchScratch.Tests;

public sealed class IndexingTests : IDisposable
{
    // 0 .. 23 as (2, 3, 4).
    private readonly Tensor _x = Tensor.Arange(0, 24).Reshape(2, 3, 4);

    public void Dispose() => _x.Dispose();

    [Fact]
    public void IntegersSelectOneIndex()
    {
        Expect([3, 4], [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23], _x[1]);
        Expect([3, 4], [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23], _x[^1]);
        Expect([3, 4], [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23], _x[-1]);
        Expect([4], [20, 21, 22, 23], _x[1, 2]);
        Expect([], [23], _x[1, 2, 3]);
        long last = 2;
        Expect([], [8], _x[0, last, 0]);
    }

    [Fact]
    public void RangesSelectSlices()
    {
        Expect([1, 3, 4], [12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23], _x[1..2]);
        Expect([2, 3], [2, 6, 10, 14, 18, 22], _x[.., .., 2]);
        Expect([2, 2], [4, 8, 16, 20], _x[.., 1.., 0]);
        Expect([3, 2], [2, 3, 6, 7, 10, 11], _x[0, .., ^2..]);
        Expect([3, 3], [0, 1, 2, 4, 5, 6, 8, 9, 10], _x[0, .., ..^1]);
        Expect([3, 2], [0, 2, 4, 6, 8, 10], _x[0, .., TensorIndex.Slice(step: 2)]);
        Expect([0, 3, 4], [], _x[^0..]);
        Expect([0, 3, 4], [], _x[5..9]);
    }

    [Fact]
    public void EllipsisCoversAndNewAxisAddsDimensions()
    {
        Expect([2, 3], [3, 7, 11, 15, 19, 23], _x[TensorIndex.Ellipsis, 3]);
        Expect([2], [3, 15], _x[TensorIndex.Ellipsis, 0, 3]);
        Assert.Equal([1, 2, 3, 4], _x[TensorIndex.NewAxis].Shape);
        Assert.Equal([2, 1, 3, 4], _x[.., null].Shape);
        Assert.Equal([2, 3, 4, 1], _x[TensorIndex.Ellipsis, null].Shape);
        Assert.Equal([1, 4], _x[0, null, 0].Shape);
        using var scalar = Tensor.FromScalar(5);
        Expect([], [5], scalar[TensorIndex.Ellipsis]);
    }

    [Fact]
    public void IntegerTensorsSelect()
    {
        using var places = Tensor.FromArray([2L, 0L]);
        Expect([2, 2, 4], [8, 9, 10, 11, 0, 1, 2, 3, 20, 21, 22, 23, 12, 13, 14, 15], _x[.., places]);
        Expect([2], [22, 14], _x[1, places, 2]);
        using var grid = Tensor.FromArray(new long[,] { { 0, 1 }, { 1, 0 } });
        Expect([2, 2], [0, 12, 12, 0], _x[grid, 0, 0]);
        using var halves = Tensor.FromArray([1L, 0L]);
        Expect([2, 4], [20, 21, 22, 23, 0, 1, 2, 3], _x[halves, places]);
        Expect([2, 3], [14, 18, 22, 0, 4, 8], _x[halves, .., places]);
        Expect([3], [21, 22, 23], _x[_x > 20]);
        Assert.Throws<TensorIndexException>(() => _x[places, places]);
    }

    [Fact]
    public void AssignmentCopiesIntoTheSelectedPart()
    {
        using var x = Tensor.Zeros((2, 3));
        x[0] = Tensor.FromArray([1f, 2f, 3f]);
        x[1, 1..] = Tensor.FromScalar(9);
        Assert.Equal([1f, 2f, 3f, 0f, 9f, 9f], x.ToArray<float>());
        x[x > 2] = Tensor.FromScalar(-1.0);
        Assert.Equal([1f, 2f, -1f, 0f, -1f, -1f], x.ToArray<float>());
        using var rows = Tensor.FromArray([true, false]);
        x[rows] = Tensor.FromScalar(5.0);
        Assert.Equal([5f, 5f, 5f, 0f, -1f, -1f], x.ToArray<float>());
        Assert.Throws<ShapeException>(() => x[0] = Tensor.Ones(4));
        using var places = Tensor.FromArray([0L]);
        x[places] = Tensor.FromArray([7f, 8f, 9f]);
        Assert.Equal([7f, 8f, 9f, 0f, -1f, -1f], x.ToArray<float>());
        x[places, places] = Tensor.FromScalar(1.0);
        Assert.Equal([1f, 8f, 9f, 0f, -1f, -1f], x.ToArray<float>());
    }

    [Fact]
    public void PartsAreViewsAndTheWholeIsAnotherHandle()
    {
        using var x = Tensor.Zeros((2, 2));
        using (var all = x[..])
            all.Fill_(3);
        Assert.Equal([3f, 3f, 3f, 3f], x.ToArray<float>());
        x[1, 0].Fill_(4);
        Assert.Equal(4f, x[1, 0].ToSingle());
    }

    [Fact]
    public void GradientsFlowThroughParts()
    {
        using var x = Tensor.Ones((2, 3)).RequiresGrad_();
        (x[1, 1..] * 2).Sum().Backward();
        Assert.Equal([0f, 0f, 0f, 0f, 2f, 2f], x.Grad!.ToArray<float>());
    }

    [Fact]
    public void ErrorsExplainWrongIndices()
    {
        var error = Assert.Throws<TensorIndexException>(() => _x[2]);
        Assert.Equal("index", error.Operator);
        Assert.Throws<TensorIndexException>(() => _x[0, -4]);
        error = Assert.Throws<TensorIndexException>(() => _x[0, 0, 0, 0]);
        Assert.Contains("[2, 3, 4]", error.Message, StringComparison.Ordinal);
        Assert.Throws<TensorIndexException>(() => _x[TensorIndex.Ellipsis, TensorIndex.Ellipsis]);
        Assert.Throws<TensorIndexException>(() => _x[^0]);
    }

    private static void Expect(long[] shape, long[] values, Tensor actual)
    {
        Assert.Equal(shape, actual.Shape);
        Assert.Equal(values, actual.ToArray<long>());
    }
}
