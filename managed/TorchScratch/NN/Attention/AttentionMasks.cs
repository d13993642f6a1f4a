// The masks of an attention layer, combined into one.

namespace TorchScratch.NN;

/// <summary>The masks that a caller of <see cref="MultiheadAttention"/> may pass.</summary>
internal readonly record struct AttentionMasks(Tensor? KeyPadding, Tensor? Attention, bool IsCausal)
{
    /// <summary>
    /// All masks combined into one tensor to add to the scores (N, heads, L, S); null if there are none. The masks do
    /// not cover the last <paramref name="extraKeys"/> keys, which no query is masked from.
    /// </summary>
    public Tensor? Of(Tensor query, Tensor key, int extraKeys, bool isBatched)
    {
        var (batch, heads, length, keys) = (query.Size(0), query.Size(1), query.Size(2), key.Size(2));
        var covered = keys - extraKeys;
        Tensor? sum = null;
        if (KeyPadding is not null)
        {
            var padding = isBatched ? KeyPadding : KeyPadding.Unsqueeze(0);
            Check(padding, "keyPaddingMask", [batch, covered]);
            sum = Additive(WithExtraKeys(padding), query.DType).Reshape(batch, 1, 1, keys);
        }
        if (Attention is not null)
        {
            var isPerHead = Attention.NDim == 3;
            Check(Attention, "attnMask", isPerHead ? [batch * heads, length, covered] : [length, covered]);
            var mask = Additive(WithExtraKeys(Attention), query.DType);
            if (isPerHead)
                mask = mask.Reshape(batch, heads, length, keys);
            sum = sum is null ? mask : sum + mask;
        }
        if (IsCausal)
        {
            var later = Tensor.Ones([length, covered], DType.Bool, query.Device).Triu(1);
            var ahead = Additive(WithExtraKeys(later), query.DType);
            sum = sum is null ? ahead : sum + ahead;
        }
        return sum;

        Tensor WithExtraKeys(Tensor mask) => extraKeys == 0 ? mask : Functional.Pad(mask, (0, extraKeys));
    }

    // A mask to add: minus infinity where a bool mask is true.
    private static Tensor Additive(Tensor mask, DType dtype) => mask.DType == DType.Bool
        ? Tensor.Zeros(mask.Shape, dtype, mask.Device).MaskedFill(mask, double.NegativeInfinity)
        : mask.DType.IsFloatingPoint
            ? mask
            : throw new DTypeException(
                $"MultiheadAttention: masks must be bool or floating point, got {mask.DType.Name}");

    private static void Check(Tensor mask, string name, ReadOnlySpan<long> shape)
    {
        if (!mask.Shape.SequenceEqual(shape))
            throw new ShapeException($"MultiheadAttention: {name} must have shape " +
                $"({string.Join(", ", shape.ToArray())}), got {mask.ShapeText}");
    }
}
