// Tensors as arguments. Those of one call have related shapes and element types most of the time; otherwise nearly every call
// would end at the first check.

using System.Globalization;

namespace TorchScratch.Fuzz.Api;

internal sealed class Tensors
{
    private static readonly DType[] DTypes = Enum.GetValues<DType>();
    private static readonly DType[] Floating = [DType.Float32, DType.Float64, DType.Float16, DType.BFloat16];

    // Large enough that kernels split them among threads, small enough for any operator.
    private static readonly long[][] LargeShapes =
        [[70_000], [300, 300], [2, 16, 40, 40], [5_001, 17], [3, 8, 9, 10, 11], [20_000, 2], [2, 30_000]];

    // Sizes that overflow when multiplied, with a zero that makes the tensor legal.
    private static readonly long[][] EmptyShapes =
        [[0], [1L << 40, 0], [0, 1L << 50], [2, 0, 3], [0, 0], [0, 3], [3, 0], [1, 0, 5, 5], [2, 3, 0, 4]];

    private readonly Random _random;
    private readonly long[] _shape;
    private readonly DType _dtype;
    private readonly bool _gradients;
    private readonly int _values;

    /// <param name="random">What the tensors depend on.</param>
    /// <param name="canBeLarge">Whether tensors may have tens of thousands of elements.</param>
    public Tensors(Random random, bool canBeLarge)
    {
        _random = random;
        IsLarge = random.Next(12) == 0 && canBeLarge;
        _shape = IsLarge ? LargeShapes[random.Next(LargeShapes.Length)] : SmallShape();
        _dtype = random.Next(5) switch
        {
            0 => DTypes[random.Next(DTypes.Length)],
            1 => Floating[random.Next(Floating.Length)],
            2 => DType.Float64,
            _ => DType.Float32,
        };
        _gradients = random.Next(2) == 0;
        _values = random.Next(8);
    }

    /// <summary>Whether the call has tensors with tens of thousands of elements.</summary>
    public bool IsLarge { get; }

    /// <summary>Number of dimensions of most tensors of the call.</summary>
    public int Rank => _shape.Length;

    /// <summary>A size that fits the tensors of the call.</summary>
    public long Size() => _shape.Length == 0 ? 1 : _shape[_random.Next(_shape.Length)];

    /// <summary>A shape that fits the other tensors of the call most of the time.</summary>
    public long[] Shape() => _random.Next(20) switch
    {
        < 10 => _shape,
        < 12 => [.. _shape.Select(size => _random.Next(2) == 0 ? 1 : size)],
        13 => _shape.Length == 0 ? [] : _shape[_random.Next(_shape.Length)..],
        14 => _shape.Length < 2 ? _shape : [.. _shape[..^2], _shape[^1], _shape[^2]],
        15 => [Size()],
        16 => _shape.Length < 2 ? _shape : [_shape[1]],
        17 => [],
        18 => EmptyShapes[_random.Next(EmptyShapes.Length)],
        _ => SmallShape(),
    };

    /// <summary>A tensor.</summary>
    /// <param name="name">The name of the parameter, which says whether it holds indices.</param>
    /// <param name="isWild">Whether it may be disposed or of any element type.</param>
    public Argument Make(string name, bool isWild)
    {
        var shape = Shape();
        var isIndex = name.Contains("index", StringComparison.OrdinalIgnoreCase) ||
            name is "indices" or "target" or "targets" or "offsets" or "labels" ? _random.Next(4) != 0
            : _random.Next(12) == 0;
        var dtype = isIndex ? DType.Int64 : name.Contains("mask", StringComparison.OrdinalIgnoreCase) &&
            _random.Next(2) == 0 ? DType.Bool
            : isWild && _random.Next(2) == 0 ? DTypes[_random.Next(DTypes.Length)] : _dtype;
        var layout = _random.Next(12);
        var data = Data(Stored(shape, layout), dtype, isIndex ? _random.Next(3) : _values);
        var (text, make) = Viewed(data.Text, data.Make, shape, layout);
        if (_gradients && Floating.Contains(dtype) && _random.Next(3) != 0)
        {
            var leaf = make;
            // A result of an operator, not a leaf, half of the time: it can be written in place.
            var isLeaf = _random.Next(2) == 0;
            text += isLeaf ? ".RequiresGrad_()" : ".RequiresGrad_().Clone()";
            make = () => isLeaf ? leaf().RequiresGrad_() : leaf().RequiresGrad_().Clone();
        }
        else if (Floating.Contains(dtype) && _random.Next(30) == 0)
        {
            var value = make;
            text = $"new Parameter({text})";
            make = () => new NN.Parameter(value());
        }
        if (isWild && _random.Next(40) == 0)
        {
            var live = make;
            return new($"{text} /* disposed */", () =>
            {
                var tensor = live();
                tensor.Dispose();
                return tensor;
            });
        }
        return new(text, make);
    }

    private long[] SmallShape()
    {
        var shape = new long[_random.Next(8) switch { 0 => 0, 1 => 1, 2 or 3 => 2, 4 => 3, 5 or 6 => 4, _ => 5 }];
        for (var i = 0; i < shape.Length; i++)
            shape[i] = _random.Next(14) switch { 0 => 0, < 3 => 1, < 6 => 2, < 9 => 3, < 11 => 4, < 13 => 6, _ => 9 };
        return shape;
    }

    // The shape of the memory under a view.
    private static long[] Stored(long[] shape, int layout) => layout switch
    {
        _ when shape.Length == 0 || shape.Any(size => size is 0 or > 1 << 20) => shape,
        1 => [.. shape.Reverse()],
        2 => [.. shape[..^1], 2 * shape[^1]],
        3 => [1, .. shape[1..]],
        4 => [shape[0] + 2, .. shape[1..]],
        5 => [],
        _ => shape,
    };

    private static (string Text, Func<Tensor> Make) Viewed(string text, Func<Tensor> make, long[] shape, int layout)
    {
        if (shape.Length == 0 || shape.Any(size => size is 0 or > 1 << 20))
            return (text, make);
        long[] reversed = [.. Enumerable.Range(0, shape.Length).Reverse().Select(dim => (long)dim)];
        return layout switch
        {
            1 => ($"{text}.Permute({List(reversed)})", () => make().Permute(reversed)),
            2 => ($"{text}[TensorIndex.Ellipsis, TensorIndex.Slice(step: 2)]",
                () => make()[TensorIndex.Ellipsis, TensorIndex.Slice(step: 2)]),
            3 or 5 => ($"{text}.Expand({List(shape)})", () => make().Expand(shape)),
            4 => ($"{text}.Narrow(0, 1, {shape[0]})", () => make().Narrow(0, 1, shape[0])),
            _ => (text, make),
        };
    }

    // Fresh memory with numbers of one kind.
    private (string Text, Func<Tensor> Make) Data(long[] shape, DType dtype, int kind)
    {
        var count = shape.Contains(0) ? 0 : (int)shape.Aggregate(1L, (product, size) => product * size);
        var random = new Random(_random.Next());
        if (dtype is not (DType.Float16 or DType.BFloat16 or DType.Float32 or DType.Float64))
        {
            var bound = kind switch { 0 => 2, 1 => 4, 2 => Math.Max(1, (int)Math.Min(Size(), 100)), _ => 100 };
            var least = kind is 3 or 4 ? -100 : kind == 5 ? -1 : 0;
            var integers = new long[count];
            foreach (ref var value in integers.AsSpan())
                value = random.Next(least, bound);
            return (Text(integers.Select(value => value.ToString(CultureInfo.InvariantCulture)), "long", shape, dtype),
                () => Tensor.FromArray(integers, shape).To(dtype));
        }
        var numbers = new double[count];
        foreach (ref var value in numbers.AsSpan())
            value = Number(random, kind);
        return (Text(numbers.Select(value => CSharp.Literal(value)), "double", shape, dtype),
            () => Tensor.FromArray(numbers, shape).To(dtype));
    }

    private static double Number(Random random, int kind) => kind switch
    {
        0 => random.NextDouble(),
        1 => random.Next(-3, 4),
        2 => 0,
        3 => random.Next(6) switch
        {
            0 => double.NaN,
            1 => double.PositiveInfinity,
            2 => double.NegativeInfinity,
            3 => random.NextDouble() * 1e-310,
            4 => 3e38 * (random.NextDouble() - 0.5),
            _ => random.NextDouble(),
        },
        4 => 1e6 + random.NextDouble(),
        _ => 4 * random.NextDouble() - 2,
    };

    private static string Text(IEnumerable<string> values, string type, long[] shape, DType dtype)
    {
        string[] all = [.. values.Take(25)];
        var array = all.Length == 0 ? $"new {type}[0]" : all.Length == 25 ? $"/* {string.Join(", ", all[..4])}, ... */"
            : $"new {type}[] {{ {string.Join(", ", all)} }}";
        return $"Tensor.FromArray({array}, {List(shape)}).To(DType.{dtype})";
    }

    private static string List(long[] values) => $"[{string.Join(", ", values.Select(value => CSharp.Literal(value)))}]";
}
