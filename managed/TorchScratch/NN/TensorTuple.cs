// Tensors and tuples of tensors, as modules take and return them.

namespace TorchScratch.NN;

internal static class TensorTuple
{
    /// <summary>The same value with each of its tensors, in order, replaced by what a function returns.</summary>
    /// <exception cref="TensorNotSupportedException">It is not a tensor, a list or a tuple of tensors.</exception>
    internal static object? Map(object? value, Func<Tensor?, Tensor?> map) => value switch
    {
        null => null,
        Tensor tensor => map(tensor),
        Tensor[] list => Array.ConvertAll(list, tensor => map(tensor)!),
        ValueTuple<Tensor, Tensor> pair => (map(pair.Item1)!, map(pair.Item2)!),
        ValueTuple<Tensor, Tensor, Tensor> triple => (map(triple.Item1)!, map(triple.Item2)!, map(triple.Item3)!),
        ValueTuple<Tensor, Tensor, Tensor, Tensor> four =>
            (map(four.Item1)!, map(four.Item2)!, map(four.Item3)!, map(four.Item4)!),
        ValueTuple<Tensor, (Tensor, Tensor)> nested =>
            (map(nested.Item1)!, (map(nested.Item2.Item1)!, map(nested.Item2.Item2)!)),
        ValueTuple<Tensor, (Tensor, Tensor)?> nested => (map(nested.Item1)!, ((Tensor, Tensor)?)Map(nested.Item2, map)),
        _ => throw new TensorNotSupportedException(
            $"backward hooks need tensors or tuples of tensors as inputs and outputs, got {value.GetType().Name}"),
    };
}
