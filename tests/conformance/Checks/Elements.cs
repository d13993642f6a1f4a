// The elements of a tensor of any type as double or long.

namespace TorchScratch.Conformance.Checks;

internal static class Elements
{
    /// <summary>All elements, row-major; exact for floating types.</summary>
    public static double[] Doubles(Tensor tensor) => tensor.DType switch
    {
        DType.Float64 => tensor.ToArray<double>(),
        DType.Float32 => Array.ConvertAll(tensor.ToArray<float>(), value => (double)value),
        DType.Float16 => Array.ConvertAll(tensor.ToArray<Half>(), value => (double)value),
        DType.BFloat16 => Array.ConvertAll(tensor.ToArray<BFloat16>(), value => (double)(float)value),
        _ => Array.ConvertAll(Longs(tensor), value => (double)value),
    };

    /// <summary>All elements of an integer or bool tensor, row-major.</summary>
    public static long[] Longs(Tensor tensor) => tensor.DType switch
    {
        DType.Bool => Array.ConvertAll(tensor.ToArray<bool>(), value => value ? 1L : 0),
        DType.UInt8 => Array.ConvertAll(tensor.ToArray<byte>(), value => (long)value),
        DType.Int8 => Array.ConvertAll(tensor.ToArray<sbyte>(), value => (long)value),
        DType.Int16 => Array.ConvertAll(tensor.ToArray<short>(), value => (long)value),
        DType.Int32 => Array.ConvertAll(tensor.ToArray<int>(), value => (long)value),
        _ => tensor.ToArray<long>(),
    };

    /// <summary>The numbers as a tensor with the shape and floating type of another.</summary>
    public static Tensor ToTensor(double[] values, Tensor like)
    {
        using var tensor = Tensor.FromArray(values, like.Shape);
        return tensor.To(like.DType) is var converted && ReferenceEquals(converted, tensor) ? tensor.Clone() : converted;
    }
}
