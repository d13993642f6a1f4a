// The tensors in a batch of any type, so that a loader or a trainer can move them.

using TorchScratch.NN;

namespace TorchScratch.Data;

/// <summary>
/// A batch of a type of one's own, whose tensors a <see cref="DataLoader{TBatch}"/> or a trainer can move to a device.
/// <see cref="Batch"/>, tensors, arrays of tensors and tuples of tensors need nothing.
/// </summary>
/// <typeparam name="TSelf">The type of the batch itself.</typeparam>
public interface ITensorBatch<out TSelf>
{
    /// <summary>The same batch with each of its tensors replaced by what a function returns.</summary>
    TSelf Map(Func<Tensor, Tensor> map);
}

internal static class BatchTensors
{
    /// <summary>Whether <see cref="Map"/> knows the tensors of a type.</summary>
    public static bool Knows<TBatch>() => typeof(ITensorBatch<TBatch>).IsAssignableFrom(typeof(TBatch)) ||
        typeof(TBatch) == typeof(Tensor) || typeof(TBatch) == typeof(Tensor[]) ||
        typeof(TBatch) == typeof((Tensor, Tensor)) || typeof(TBatch) == typeof((Tensor, Tensor, Tensor)) ||
        typeof(TBatch) == typeof((Tensor, Tensor, Tensor, Tensor)) ||
        typeof(TBatch) == typeof((Tensor, (Tensor, Tensor)));

    /// <summary>Throws for a type whose tensors are not known.</summary>
    /// <exception cref="ArgumentException">They are not; the message says what to do.</exception>
    public static void Check<TBatch>(string argument)
    {
        if (!Knows<TBatch>())
        {
            throw new ArgumentException($"batches of type {typeof(TBatch).Name} cannot be moved: their tensors are " +
                $"not known. Implement {nameof(ITensorBatch<>)}<{typeof(TBatch).Name}>", argument);
        }
    }

    /// <summary>The batch with each of its tensors replaced by what a function returns.</summary>
    public static TBatch Map<TBatch>(TBatch batch, Func<Tensor, Tensor> map) => batch is ITensorBatch<TBatch> own
        ? own.Map(map)
        : (TBatch)TensorTuple.Map(batch, tensor => tensor is null ? null : map(tensor))!;

    /// <summary>
    /// The batch on a device. Tensors that are there already stay the same objects; the others are disposed once they
    /// are copied.
    /// </summary>
    public static TBatch MoveTo<TBatch>(TBatch batch, Device device, bool nonBlocking = false) => Map(batch, tensor =>
    {
        if (tensor.Device == device)
            return tensor;
        var moved = tensor.To(device, default, nonBlocking);
        tensor.Dispose();
        return moved;
    });

    /// <summary>The batch with its tensors on the CPU in pinned memory; the others are disposed.</summary>
    public static TBatch Pin<TBatch>(TBatch batch) => Map(batch, tensor =>
    {
        if (tensor.IsCuda || tensor.IsPinned)
            return tensor;
        var pinned = tensor.PinMemory();
        tensor.Dispose();
        return pinned;
    });
}
