// Tensors from managed data and back.

using System.Numerics.Tensors;

namespace TorchScratch.Tests;

public class CreationTests
{
    [Fact]
    public void ArraysOfEachElementTypeComeBackUnchanged()
    {
        RoundTrip([true, false, true], DType.Bool);
        RoundTrip(new byte[] { 0, 255 }, DType.UInt8);
        RoundTrip(new sbyte[] { -128, 127 }, DType.Int8);
        RoundTrip(new short[] { short.MinValue, 7 }, DType.Int16);
        RoundTrip([int.MinValue, 7], DType.Int32);
        RoundTrip([long.MinValue, 7L], DType.Int64);
        RoundTrip([(Half)1.5f, Half.Epsilon], DType.Float16);
        RoundTrip([(BFloat16)1.5f, (BFloat16)(-3f)], DType.BFloat16);
        RoundTrip([1.5f, float.NaN], DType.Float32);
        RoundTrip([1.5, double.MaxValue], DType.Float64);
    }

    [Fact]
    public void MultiDimensionalArraysKeepTheirShape()
    {
        using var matrix = Tensor.FromArray(new[,] { { 1, 2, 3 }, { 4, 5, 6 } });
        Assert.Equal([2, 3], matrix.Shape);
        Assert.Equal([1, 2, 3, 4, 5, 6], matrix.ToArray<int>());

        using var cube = Tensor.FromArray(new float[2, 3, 4]);
        Assert.Equal([2, 3, 4], cube.Shape);
        using var batch = Tensor.FromArray(new float[2, 1, 0, 4]);
        Assert.Equal([2, 1, 0, 4], batch.Shape);
        Assert.Equal(0, batch.ElementCount);
    }

    [Fact]
    public void ShapesAreCheckedAndInferred()
    {
        float[] data = [1, 2, 3, 4, 5, 6];
        using var inferred = Tensor.From<float>(data, (2, -1));
        Assert.Equal([2, 3], inferred.Shape);

        var error = Assert.Throws<ShapeException>(() => Tensor.FromArray(data, (2, 2)));
        Assert.Contains("6 elements", error.Message, StringComparison.Ordinal);
        Assert.Contains("(2, 2)", error.Message, StringComparison.Ordinal);
        Assert.Throws<ShapeException>(() => Tensor.From<float>(data, (4, -1)));
        Assert.Throws<DTypeException>(() => Tensor.FromArray(new decimal[1]));
    }

    [Fact]
    public void ScalarsHavePyTorchsTypes()
    {
        Assert.Equal(DType.Float32, Tensor.FromScalar(1.5).DType);
        Assert.Equal(DType.Int64, Tensor.FromScalar(1).DType);
        Assert.Equal(DType.Bool, Tensor.FromScalar(true).DType);
        using var half = Tensor.FromScalar(1.5, DType.Float16);
        Assert.Equal((Half)1.5f, half.Item<Half>());
        Assert.Equal(0, half.NDim);
        Assert.Equal(1, half.ElementCount);
    }

    [Fact]
    public void NewFloatTensorsHaveTheDefaultDType()
    {
        try
        {
            Runtime.DefaultDType = DType.Float64;
            Assert.Equal(DType.Float64, Tensor.FromScalar(1.5).DType);
            Assert.Equal(DType.Float64, Tensor.Zeros((2, 2)).DType);
            Assert.Throws<DTypeException>(() => Runtime.DefaultDType = DType.Int32);
        }
        finally
        {
            Runtime.DefaultDType = DType.Float32;
        }
    }

    [Fact]
    public void ItemConvertsLikeACast()
    {
        using var tensor = Tensor.FromArray([2.75]);
        Assert.Equal(2.75, tensor.ToDouble());
        Assert.Equal(2.75f, (float)tensor);
        Assert.Equal(2, (int)tensor);
        Assert.Equal(2L, tensor.Item<long>());
        Assert.True((bool)tensor);
        Assert.Equal((BFloat16)2.75f, tensor.Item<BFloat16>());
        using var two = Tensor.FromArray([1f, 2f]);
        Assert.Throws<ValueException>(() => two.Item());
    }

    [Fact]
    public void SpansShareTheMemoryOfTheTensor()
    {
        using var tensor = Tensor.FromArray([1f, 2f, 3f, 4f], (2, 2));
        tensor.AsSpan<float>()[3] = 40;
        Assert.Equal([1f, 2f, 3f, 40f], tensor.ToArray<float>());

        using var transposed = tensor.Transpose(0, 1);
        Assert.False(transposed.IsContiguous);
        Assert.Equal([1f, 3f, 2f, 40f], transposed.ToArray<float>());
        Assert.Contains("Contiguous()", Assert.Throws<ValueException>(() => _ = transposed.AsSpan<float>()[0]).Message,
            StringComparison.Ordinal);
        Assert.Contains("To(DType.Float64)",
            Assert.Throws<DTypeException>(() => _ = tensor.AsSpan<double>()[0]).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void TensorSpansKeepTheShape()
    {
        using var tensor = Tensor.FromArray([1f, 2f, 3f, 4f, 5f, 6f], (2, 3));
        var span = tensor.AsTensorSpan<float>();
        Assert.Equal([2, 3], span.Lengths);
        Assert.Equal(6f, span[1, 2]);
        span[0, 0] = 10;
        Assert.Equal(10f, tensor[0, 0].ToSingle());
        Assert.Equal(30f, System.Numerics.Tensors.Tensor.Sum<float>(tensor.AsReadOnlyTensorSpan<float>()));

        using var copy = Tensor.FromTensorSpan<float>(span);
        Assert.Equal([2, 3], copy.Shape);
        Assert.Equal(tensor.ToArray<float>(), copy.ToArray<float>());
    }

    [Fact]
    public void BorrowedMemoryIsSharedAndReleasedOnce()
    {
        var data = new float[] { 1, 2, 3, 4 };
        using (var tensor = Tensor.FromMemory<float>(data, (2, 2)))
        {
            tensor.Fill_(7);
            Assert.Equal([7f, 7f, 7f, 7f], data);
        }

        var released = 0;
        var native = System.Runtime.InteropServices.Marshal.AllocHGlobal(16);
        var borrowed = Tensor.FromMemory(native, 4, DType.Float32, () =>
        {
            System.Runtime.InteropServices.Marshal.FreeHGlobal(native);
            Interlocked.Increment(ref released);
        });
        var view = borrowed[1..3];
        borrowed.Dispose();
        Assert.Equal(0, released);
        view.Dispose();
        Assert.Equal(1, released);
        Assert.Throws<ShapeException>(() => Tensor.FromMemory<float>(data, 5));
    }

    [Fact]
    public void AFailedBorrowReleasesTheMemory()
    {
        var released = 0;
        Assert.ThrowsAny<TorchScratchException>(() => Tensor.FromMemory(0, 4, DType.Float32, () => released++));
        Assert.Equal(1, released);
    }

    [Fact]
    public void IntListsConvertFromEveryForm()
    {
        long n = 2;
        long[] array = [2, 3];
        ReadOnlySpan<long> span = array;
        Assert.Equal([2], Tensor.Zeros(2).Shape);
        Assert.Equal([2], Tensor.Zeros(n).Shape);
        Assert.Equal([2, 3], Tensor.Zeros((2, 3)).Shape);
        Assert.Equal([2, 3], Tensor.Zeros((n, 3)).Shape);
        Assert.Equal([2, 3], Tensor.Zeros([n, 3]).Shape);
        Assert.Equal([2, 3], Tensor.Zeros(array).Shape);
        Assert.Equal([2, 3], Tensor.Zeros(span).Shape);
        Assert.Equal([2, 3], Tensor.Zeros(new[] { 2, 3 }).Shape);
        Assert.Equal([1, 1, 1, 1, 1, 1, 1], Tensor.Zeros([1, 1, 1, 1, 1, 1, 1]).Shape);
        Assert.Equal([1, 1, 1, 1, 1, 1, 1], Tensor.Zeros(new[] { 1, 1, 1, 1, 1, 1, 1 }).Shape);
        Assert.Equal([2, 3, 4, 5, 6], Tensor.Zeros((2, 3, 4, 5, 6)).Shape);
        Assert.Equal([], Tensor.Zeros([]).Shape);
        Assert.Equal(-1, default(IntList).Count);
        Assert.Equal(0, new IntList(ReadOnlySpan<long>.Empty).Count);
    }

    [Fact]
    public void BFloat16RoundsToNearestEven()
    {
        Assert.Equal(1f, (BFloat16)1.00390625f);          // halfway, down to even
        Assert.Equal(1.015625f, (BFloat16)1.01171875f);   // halfway, up to even
        Assert.True(float.IsNaN((BFloat16)float.NaN));
        Assert.Equal(float.PositiveInfinity, (BFloat16)float.MaxValue);
        Assert.Equal(0x3f80, ((BFloat16)1f).Bits);
    }

    private static void RoundTrip<T>(T[] data, DType dtype) where T : unmanaged
    {
        using var tensor = Tensor.FromArray(data);
        Assert.Equal(dtype, tensor.DType);
        Assert.Equal([data.Length], tensor.Shape);
        Assert.Equal(data, tensor.ToArray<T>());
        var copy = new T[data.Length];
        tensor.CopyTo(copy.AsSpan());
        Assert.Equal(data, copy);
        Assert.Equal(dtype.ItemSize, System.Runtime.CompilerServices.Unsafe.SizeOf<T>());
    }
}
