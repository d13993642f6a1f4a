// Tensors as C# developers write them: comparison, numbers, sizes, shapes, lists, static forms, enumeration.

using TorchScratch.NN;

namespace TorchScratch.Tests;

public class TensorUsageTests
{
    private delegate ReadOnlySpan<long> Slicing();

    [Fact]
    public void EqualityComparesElements()
    {
        var (x, y) = (Tensor.FromArray([1f, 2f, float.NaN]), Tensor.FromArray([1f, 3f, float.NaN]));
        Assert.Equal([true, false, false], (x == y).ToArray<bool>());
        Assert.Equal([false, true, true], (x != y).ToArray<bool>());
        Assert.Equal([false, true, false], (x == 2).ToArray<bool>());
        Assert.Equal([true, false, true], (2.0 != x).ToArray<bool>());
        Assert.Equal([[true, false], [false, true]], Rows(Tensor.FromArray([1L, 2]) == Tensor.FromArray(new[,] { { 1L }, { 2L } })));
        Assert.Equal(DType.Bool, (x == y).DType);

        static bool[][] Rows(Tensor matrix) => [.. matrix.Unbind().Select(row => row.ToArray<bool>())];
    }

    [Fact]
    public void ObjectsAreEqualByReference()
    {
        var (x, y) = (Tensor.Ones(2), Tensor.Ones(2));
        Assert.False(x.Equals(y));
        Assert.True(x.Equals((object)x));
        var set = new HashSet<Tensor> { x, y, x };
        Assert.Equal(2, set.Count);
        Assert.Contains(x, set);
        x.Fill_(7);
        Assert.Contains(x, set);
        Assert.False(x is null);
    }

    [Fact]
    public void ComparingWithNullSaysHowToTestForNull()
    {
        Tensor? none = null;
        var x = Tensor.Ones(2);
        Refuses("right", () => _ = x == none!, () => _ = x != none!, () => _ = 1 == none!);
        Refuses("left", () => _ = none! == x, () => _ = none! != x, () => _ = none! != 1);

        static void Refuses(string parameter, params Action[] comparisons)
        {
            foreach (var compare in comparisons)
            {
                var error = Assert.Throws<ArgumentNullException>(compare);
                Assert.Equal(parameter, error.ParamName);
                Assert.Contains("is null", error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Fact]
    public void DimensionsThatAShapeDoesNotHaveAreNamed()
    {
        var shape = Shape.Of(2, 3, 4);
        Assert.Equal([3L, 4], shape[1..].ToArray());
        Assert.Empty(shape[3..].ToArray());
        Refuses("start", () => shape.Slice(4, 0), "[2, 3, 4] has 3 dimensions");
        Refuses("start", () => shape.Slice(-1, 1), "[2, 3, 4] has 3 dimensions");
        Refuses("length", () => shape.Slice(1, 3), "2 dimensions from dimension 1 on");
        Refuses("length", () => shape.Slice(3, int.MaxValue), "0 dimensions from dimension 3 on");
        Refuses("length", () => shape.Slice(1, -1), "2 dimensions from dimension 1 on");

        static void Refuses(string parameter, Slicing slice, string message)
        {
            var error = Assert.Throws<ArgumentOutOfRangeException>(() => slice().ToArray());
            Assert.Equal(parameter, error.ParamName);
            Assert.Contains(message, error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void EqualAndAllCloseGiveOneAnswer()
    {
        var x = Tensor.FromArray([1.0, 2.0]);
        Assert.True(x.Equal(Tensor.FromArray([1.0, 2.0])));
        Assert.True(Tensor.Equal(x, Tensor.FromArray([1L, 2L])));
        Assert.False(x.Equal(Tensor.FromArray([1.0, 2.5])));
        Assert.False(x.Equal(x.Reshape(1, 2)));
        Assert.False(Tensor.Full(1, double.NaN).Equal(Tensor.Full(1, double.NaN)));
        Assert.True(Tensor.Empty(0).Equal(Tensor.Empty(0)));
        Assert.True(x.AllClose(x + 1e-9));
        Assert.False(x.AllClose(x + 1e-3));
        Assert.True(x.AllClose(x + 1e-3, atol: 1e-2));
        Assert.True(Tensor.AllClose(Tensor.Full(1, double.NaN), Tensor.Full(1, double.NaN), equalNan: true));
        Assert.Throws<ArgumentNullException>(() => x.Equal(null!));
    }

    [Fact]
    public void NumbersAssign()
    {
        var x = Tensor.Zeros((2, 3), DType.Float64);
        x[0] = 5;
        x[1, 0] = 0.1;
        x[.., 2] = 2.5f;
        Assert.Equal([5, 5, 2.5, 0.1, 0, 2.5], x.ToArray<double>());
        x[x > 2] = 0f;
        Assert.Equal([0, 0, 0, 0.1, 0, 0], x.ToArray<double>());
        var flags = Tensor.Zeros([2], DType.Bool);
        flags[1] = true;
        Assert.Equal([false, true], flags.ToArray<bool>());
        var counts = Tensor.Zeros([2], DType.Int64);
        counts[0] = long.MaxValue;
        Assert.Equal([long.MaxValue, 0], counts.ToArray<long>());
        Scalar? nothing = null;
        Tensor? none = nothing;
        Assert.True(none is null);
        Tensor number = 3;
        Assert.Equal(DType.Int64, number.DType);
        Assert.Equal(DType.Float32, Tensor.Ones(2).Maximum(0.5).DType);
    }

    [Fact]
    public void SizesAreNumbersListsOrArrays()
    {
        Func<Tensor>[] all =
        [
            () => Tensor.Zeros(2, 3), () => Tensor.Ones(2, 3), () => Tensor.Rand(2, 3), () => Tensor.Randn(2, 3),
            () => Tensor.Empty(2, 3), () => Tensor.RandInt(0, 10, 2, 3), () => Tensor.Normal(0, 1, 2, 3),
            () => Tensor.Zeros((2, 3)), () => Tensor.Zeros([2, 3]), () => Tensor.Zeros(new[] { 2, 3 }),
            () => Tensor.Zeros(new[] { 2L, 3L }), () => Tensor.Zeros(new List<int> { 2, 3 }),
            () => Tensor.Zeros(new List<long> { 2, 3 }), () => Tensor.Zeros(Tensor.Ones(2, 3).Shape),
            () => Tensor.Full((2, 3), 1), () => Tensor.Full(new[] { 2, 3 }, 1), () => Tensor.Arange(6).Reshape(2, 3),
            () => Tensor.Arange(6).Reshape(new[] { 2, 3 }), () => Tensor.Arange(6).Reshape(new List<int> { 2, 3 }),
            () => Tensor.Arange(6).Reshape((2, 3)), () => Tensor.Arange(6).View([2, 3]),
            () => Tensor.Ones(1, 1).Expand(2, 3), () => Tensor.Ones(3, 2).Permute(new List<int> { 1, 0 }),
        ];
        for (var i = 0; i < all.Length; i++)
            Assert.True(all[i]().Shape is [2, 3], $"form {i} has shape {all[i]().Shape}");
    }

    [Fact]
    public void ZeroIsASizeAndNoElementType()
    {
        foreach (var x in (Tensor[])[Tensor.Zeros(2, 0), Tensor.Ones(2, 0), Tensor.Rand(2, 0), Tensor.Randn(2, 0), Tensor.Empty(2, 0)])
        {
            Assert.Equal([2, 0], x.Shape);
            Assert.Equal(DType.Float32, x.DType);
        }
        Assert.Equal([0, 0], Tensor.Zeros(0, 0).Shape);
        Assert.Equal(DType.Int64, Tensor.Arange(5, 0, -1).DType);
        Assert.Equal(DType.Int64, Tensor.Zeros(2, DType.Int64).DType);
        Assert.Equal(DType.Float32, Tensor.Zeros(2, null).DType);
        // No public parameter of a creation function is an enum that the literal 0 would convert to.
        var parameters = typeof(Tensor).GetMethods().Where(method => method.IsStatic && method.ReturnType == typeof(Tensor))
            .Where(method => method.Name is "Zeros" or "Ones" or "Full" or "Empty" or "Rand" or "Randn" or "RandInt" or "Normal" or
                "Arange" or "LinSpace" or "LogSpace" or "Eye" or "RandPerm" or "FromScalar")
            .SelectMany(method => method.GetParameters());
        Assert.DoesNotContain(parameters, p => (Nullable.GetUnderlyingType(p.ParameterType) ?? p.ParameterType).IsEnum);
    }

    [Fact]
    public void NumbersAreNumbersWhereAnEnumWouldFitToo()
    {
        var x = Tensor.FromArray([3f, 0f, 4f]);
        Assert.Equal(2, x.Norm(0).ToSingle());
        Assert.Equal(5, x.Norm(2).ToSingle());
        Assert.Equal(5, x.Norm(MatrixNormKind.Fro).ToSingle());
        Assert.Equal(2, Linalg.Norm(x, 0).ToSingle());
    }

    [Fact]
    public void NumbersThatDoNotFitNameTheMethod()
    {
        var error = Assert.Throws<ValueException>(() => Tensor.FromScalar(1e6).Item<short>());
        Assert.Equal("Item: the number 1000000 is not in -32768 to 32767", error.Message);
        foreach (var number in (double[])[double.PositiveInfinity, double.NaN, 9223372036854775808.0])
        {
            var x = Tensor.FromScalar(number, DType.Float64);
            error = Assert.Throws<ValueException>(() => x.ToInt64());
            Assert.StartsWith("ToInt64: ", error.Message, StringComparison.Ordinal);
            error = Assert.Throws<ValueException>(() => x.Item<long>());
            Assert.StartsWith("Item: ", error.Message, StringComparison.Ordinal);
        }
        Assert.Equal(long.MinValue, Tensor.FromScalar(-9223372036854775808.0, DType.Float64).ToInt64());
        Assert.Equal(long.MaxValue, new Scalar(long.MaxValue).ToInt64());
    }

    [Fact]
    public void ShapesAreLists()
    {
        var shape = Tensor.Ones(2, 3).Shape;
        Assert.Equal("[2, 3]", $"{shape}");
        Assert.Equal("[]", Tensor.FromScalar(1).Shape.ToString());
        Assert.Equal(6, shape.Aggregate(1L, (product, size) => product * size));
        Assert.Equal([4L, 6L], shape.Select(size => 2 * size));
        Assert.Equal(3, shape[^1]);
        Assert.Equal([3L], shape[1..].ToArray());
        Assert.True(shape is [2, ..]);
        Assert.Equal(6, shape.ElementCount);
        Assert.True(shape == Shape.Of(2, 3));
        Assert.True(shape != Shape.Of(3, 2));
        Assert.Equal(shape.GetHashCode(), Shape.Of(2, 3).GetHashCode());
        Assert.True(shape.SequenceEqual([2, 3]));
        ReadOnlySpan<long> span = shape;
        Assert.Equal(2, span.Length);
        Assert.Equal(0, default(Shape).Length);
        long sum = 0;
        foreach (var size in shape)
            sum += size;
        Assert.Equal(5, sum);
    }

    [Fact]
    public void ListsOfTensorsAreTaken()
    {
        var (x, y) = (Tensor.Ones(2), Tensor.Zeros(2));
        IReadOnlyList<Tensor> list = [x, y];
        Assert.Equal([4], Tensor.Cat(new List<Tensor> { x, y }).Shape);
        Assert.Equal([4], Tensor.Cat(list).Shape);
        Assert.Equal([4], Tensor.Cat(new[] { x, y }).Shape);
        Assert.Equal([4], Tensor.Cat([x, y]).Shape);
        Assert.Equal([2, 2], Tensor.Stack(list.Where(tensor => tensor is not null)).Shape);
        Assert.Equal([2, 2], Tensor.VStack(x, y).Shape);
        Assert.Equal([2, 2], Tensor.VStack(list).Shape);
        Assert.Equal(2, Tensor.MeshGrid(list).Length);
    }

    [Fact]
    public void MethodsHaveStaticForms()
    {
        var x = Tensor.FromArray([-1f, 2f]);
        Assert.Equal([0f, 2f], Tensor.Relu(x).ToArray<float>());
        Assert.Equal([0f, 2f], Functional.Relu(x).ToArray<float>());
        Assert.Equal(x.Sigmoid().ToArray<float>(), Functional.Sigmoid(x).ToArray<float>());
        Assert.Equal(x.Tanh().ToArray<float>(), Functional.Tanh(x).ToArray<float>());
        Assert.Equal(x.Softmax(0).ToArray<float>(), Functional.Softmax(x, 0).ToArray<float>());
        Assert.Equal(x.LogSoftmax(0).ToArray<float>(), Functional.LogSoftmax(x, 0).ToArray<float>());
        Assert.Equal([1L, 4, 2, 2], Functional.Unfold(Tensor.Ones(1, 1, 3, 3), 2).Reshape(1, 4, 2, 2).Shape);
        Assert.Equal(2, Tensor.Max(x).ToSingle());
        Assert.Equal([0f, 2f], Tensor.Max(x, Tensor.Zeros(2)).ToArray<float>());
        Assert.Equal(1, Tensor.Sum(x).ToSingle());
        Assert.Equal([1, 2], Tensor.Reshape(x, 1, 2).Shape);
        Assert.Equal(x.MatMul(x).ToSingle(), Tensor.MatMul(x, x).ToSingle());
        Assert.Throws<ArgumentNullException>(() => Tensor.Relu(null!));
    }

    [Fact]
    public void ForeachGoesThroughTheFirstDimension()
    {
        var x = Tensor.Arange(6f).Reshape(3, 2);
        x.RequiresGrad = true;
        var sums = new List<float>();
        Tensor total = 0f;
        foreach (var row in x)
        {
            Assert.Equal([2], row.Shape);
            sums.Add(row.Sum().ToSingle());
            total += row.Sum() * sums.Count;
        }
        Assert.Equal([1f, 5, 9], sums);
        total.Backward();
        Assert.Equal([1f, 1, 2, 2, 3, 3], x.Grad!.ToArray<float>());
        foreach (var nothing in Tensor.Empty(0, 3))
            Assert.Fail($"{nothing}");
        Assert.Throws<ShapeException>(() =>
        {
            foreach (var part in Tensor.FromScalar(1))
                _ = part;
        });
    }

    [Fact]
    public void ElementsAsArraysOfMoreDimensions()
    {
        var x = Tensor.Arange(24f);
        Assert.Equal(new[,] { { 0f, 1 }, { 2, 3 } }, x[..4].Reshape(2, 2).ToArray2D<float>());
        Assert.Equal(4f, x.Reshape(2, 2, 6).Transpose(0, 2).ToArray3D<float>()[4, 0, 0]);
        Assert.Equal(23f, x.Reshape(1, 2, 2, 6).ToArray4D<float>()[0, 1, 1, 5]);
        Assert.Throws<ShapeException>(() => x.ToArray2D<float>());
        Assert.Throws<DTypeException>(() => x.Reshape(2, 12).ToArray2D<double>());
        Assert.Empty(Tensor.Empty(0, 3).ToArray2D<float>());
    }
}
