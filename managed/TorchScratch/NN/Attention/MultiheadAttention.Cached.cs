// Attention over positions that came before, for generating.

namespace TorchScratch.NN;

public sealed partial class MultiheadAttention
{
    /// <summary>
    /// Causal self-attention of further positions, (N, L, E): each sees those in the cache, the ones before it in
    /// <paramref name="input"/>, and itself. The cache then holds them too. No dropout.
    /// </summary>
    /// <exception cref="AutogradException">Gradients are being recorded.</exception>
    /// <exception cref="ValueException">The cache is full.</exception>
    /// <exception cref="ShapeException">
    /// The input has not 3 dimensions, or the cache was begun with another batch or layer.
    /// </exception>
    /// <exception cref="TensorNotSupportedException">
    /// The layer was made with addBiasKV, addZeroAttn, kdim or vdim.
    /// </exception>
    public Tensor Call(Tensor input, KeyValueCache cache)
    {
        ArgumentNullException.ThrowIfNull(cache);
        return CallWith((input, input, input), _ => (Attend(input, cache), null)).Output;
    }

    private Tensor Attend(Tensor input, KeyValueCache cache)
    {
        // One more key for all positions, or keys of another size than the input, are not causal self-attention.
        if (_addZeroAttention || _keyBias is not null || _inProjection is null)
        {
            throw new TensorNotSupportedException(
                "MultiheadAttention: a cache needs attention without addBiasKV, addZeroAttn, kdim and vdim");
        }
        if (input.NDim != 3)
            throw new ShapeException(
                $"MultiheadAttention: a cache needs an input of 3 dimensions, got {input.ShapeText}");
        var (q, k, v) = Project(input, input, input, x => BatchFirst ? x : x.Transpose(0, 1));
        (k, v) = cache.Append(k, v);
        var (added, length) = (q.Size(2), k.Size(2));
        // One query sees everything; without a past the mask is the usual one.
        var isCausal = added > 1 && added == length;
        var mask = added == 1 || isCausal ? null : Tensor.Ones([added, length], DType.Bool).Tril((int)(length - added));
        var output = Functional.ScaledDotProductAttention(q, k, v, mask, 0, isCausal);
        output = _outProjection.Call(output.Transpose(1, 2).Flatten(2));
        return BatchFirst ? output : output.Transpose(0, 1);
    }
}
