// Attention with a key-value cache, for generation.

namespace TorchScratch.NN;

public sealed partial class MultiheadAttention
{
    /// <summary>
    /// Causal self-attention of new positions, (N, L, E): each attends to the cached positions, to those before it in
    /// <paramref name="input"/>, and to itself. The cache is extended by the new positions. There is no dropout.
    /// </summary>
    /// <exception cref="AutogradException">Gradients are being recorded.</exception>
    /// <exception cref="ValueException">The cache is full.</exception>
    /// <exception cref="ShapeException">
    /// The input does not have 3 dimensions, or the cache holds positions of another batch or layer.
    /// </exception>
    /// <exception cref="TensorNotSupportedException">The layer uses addBiasKV, addZeroAttn, kDim or vDim.</exception>
    public Tensor Call(Tensor input, KeyValueCache cache)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(cache);
        return CallWith((input, input, input), _ => (Attend(input, cache), null)).Output;
    }

    private Tensor Attend(Tensor input, KeyValueCache cache)
    {
        // Neither an extra key nor keys of another size than the input are causal self-attention.
        if (_addZeroAttention || _keyBias is not null || _inProjection is null)
        {
            throw new TensorNotSupportedException(
                "MultiheadAttention: a cache cannot be used with addBiasKV, addZeroAttn, kDim or vDim");
        }
        if (input.NDim != 3)
            throw new ShapeException(
                $"MultiheadAttention: with a cache the input must have 3 dimensions, got shape {input.ShapeText}");
        var (q, k, v) = Project(input, input, input, x => BatchFirst ? x : x.Transpose(0, 1));
        (k, v) = cache.Append(k, v);
        var (added, length) = (q.Size(2), k.Size(2));
        // A single query attends to everything; without cached positions the mask is the usual causal one.
        var isCausal = added > 1 && added == length;
        var mask = added == 1 || isCausal ? null
            : Tensor.Ones([added, length], DType.Bool, q.Device).Tril((int)(length - added));
        var output = Functional.ScaledDotProductAttention(q, k, v, mask, 0, isCausal);
        output = _outProjection.Call(output.Transpose(1, 2).Flatten(2));
        return BatchFirst ? output : output.Transpose(0, 1);
    }
}
