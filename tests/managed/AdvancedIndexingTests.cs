// Indexing with tensors and masks, for reads and assignments, compared with values written by hand.

namespace TorchScratch.Tests;

public sealed class AdvancedIndexingTests : IDisposable
{
    // 0 .. 23 as (2, 3, 4).
    private readonly Tensor _x = Tensor.Arange(0, 24).Reshape(2, 3, 4);

    public void Dispose() => _x.Dispose();

    [Fact]
    public void MasksSelectWhereTheyAreTrue()
    {
        using var last = Tensor.FromArray([true, false]);
        using var columns = Tensor.FromArray([true, false, false, true]);
        Expect([3], [21, 22, 23], _x[_x > 20]);
        Expect([1, 3, 4], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], _x[last]);
        Expect([2, 2, 2], [0, 3, 4, 7, 12, 15, 16, 19], _x[.., ..^1, columns]);
        Expect([2, 1, 2], [4, 7, 16, 19], _x[TensorIndex.Ellipsis, 1..^1, columns]);
        Assert.Equal([0, 3, 4], _x[last & !last].Shape);
    }

    [Fact]
    public void SeveralIndexTensorsAreBroadcast()
    {
        using var rows = Tensor.FromArray([1L, 0L]);
        using var columns = Tensor.FromArray([2, -1]);
        Expect([2, 4], [20, 21, 22, 23, 8, 9, 10, 11], _x[rows, columns]);
        Expect([2, 2], [6, 3, 18, 15], _x[.., rows, columns]);
        // Another entry separates them, so their dimension comes first.
        Expect([2, 3], [14, 18, 22, 3, 7, 11], _x[rows, .., columns]);
        Expect([2, 1, 4], [20, 21, 22, 23, 8, 9, 10, 11], _x[rows, null, columns].Contiguous());
        using var column = rows.Reshape(2, 1);
        Expect([2, 2], [22, 23, 10, 11], _x[column, 2, columns]);
    }

    [Fact]
    public void AssignmentWritesToTheSelectedElements()
    {
        using var x = Tensor.Zeros((2, 3));
        using var columns = Tensor.FromArray([2L, 0L]);
        x[.., columns] = Tensor.FromArray([1f, 2f]);
        Assert.Equal([2f, 0f, 1f, 2f, 0f, 1f], x.ToArray<float>());
        x[1, columns] = Tensor.FromScalar(5);
        Assert.Equal([2f, 0f, 1f, 5f, 0f, 5f], x.ToArray<float>());
        x[x > 4] = Tensor.FromArray([7.0, 8.0]);
        Assert.Equal([2f, 0f, 1f, 7f, 0f, 8f], x.ToArray<float>());
        x[TensorIndex.Ellipsis, TensorIndex.Slice(step: 2)] = Tensor.FromScalar(3.0);
        Assert.Equal([3f, 0f, 3f, 3f, 0f, 3f], x.ToArray<float>());
        using var twice = Tensor.FromArray([1L, 1L]);
        x.AddAt_([0, twice], Tensor.FromScalar(1.0));
        Assert.Equal([3f, 2f, 3f, 3f, 0f, 3f], x.ToArray<float>());
    }

    [Fact]
    public void AutogradRecordsReadsAndAssignments()
    {
        using var x = Tensor.Ones((2, 3)).RequiresGrad_();
        using var value = Tensor.FromArray([2f, 3f]).RequiresGrad_();
        using var columns = Tensor.FromArray([2L, 0L]);
        using var twice = Tensor.FromArray([0L, 0L]);
        var y = x * 4;
        y[0, columns] = value;
        (y * y)[twice].Sum().Backward();
        Assert.Equal([0f, 32f * 2, 0f, 0f, 0f, 0f], x.Grad!.ToArray<float>());
        Assert.Equal([8f, 12f], value.Grad!.ToArray<float>());
        Assert.Throws<AutogradException>(() => x[0, columns] = value);
    }

    [Fact]
    public void ErrorsExplainWhatDoesNotFit()
    {
        using var places = Tensor.FromArray([0L, 3L]);
        var error = Assert.Throws<TensorIndexException>(() => _x[0, places]);
        Assert.Contains("index 3", error.Message, StringComparison.Ordinal);
        Assert.Contains("dimension 0 of size 3", error.Message, StringComparison.Ordinal);
        using var mask = Tensor.FromArray([true, false, true]);
        Assert.Throws<TensorIndexException>(() => _x[mask]);
        Assert.Throws<TensorIndexException>(() => _x[mask] = Tensor.FromScalar(1));
        using var floating = Tensor.FromArray([0.0]);
        Assert.Throws<DTypeException>(() => _x[floating]);
        using var disposed = Tensor.FromArray([0L]);
        disposed.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _x[disposed]);
    }

    private static void Expect(long[] shape, long[] values, Tensor actual)
    {
        Assert.Equal(shape, actual.Shape);
        Assert.Equal(values, actual.ToArray<long>());
    }
}
