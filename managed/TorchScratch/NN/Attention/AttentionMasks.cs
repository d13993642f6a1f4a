// Who sees whom in attention.

namespace TorchScratch.NN;

/// <summary>The masks that a caller may give; see <see cref="MultiheadAttention"/>.</summary>
internal readonly record struct AttentionMasks(Tensor? KeyPadding, Tensor? Attention, bool IsCausal)
{
    /// <summary>
    /// All of them as numbers to add to the scores (N, heads, L, S); null for none. The masks speak of the keys but for
    /// the last <paramref name="moreKeys"/>, which all see.
    /// </summary>
    public Tensor? Of(Tensor query, Tensor key, int moreKeys, bool isBatched)
    {
        var (batch, heads, length, keys) = (query.Size(0), query.Size(1), query.Size(2), key.Size(2));
        var given = keys - moreKeys;
        Tensor? sum = null;
        if (KeyPadding is not null)
        {
            var padding = isBatched ? KeyPadding : KeyPadding.Unsqueeze(0);
            Check(padding, "keyPaddingMask", [batch, given]);
            sum = Added(WithMoreKeys(padding), query.DType).Reshape(batch, 1, 1, keys);
        }
        if (Attention is not null)
        {
            var isPerHead = Attention.NDim == 3;
            Check(Attention, "attnMask", isPerHead ? [batch * heads, length, given] : [length, given]);
            var mask = Added(WithMoreKeys(Attention), query.DType);
            if (isPerHead)
                mask = mask.Reshape(batch, heads, length, keys);
            sum = sum is null ? mask : sum + mask;
        }
        if (IsCausal)
        {
            var ahead = Added(WithMoreKeys(Tensor.Ones([length, given], DType.Bool).Triu(1)), query.DType);
            sum = sum is null ? ahead : sum + ahead;
        }
        return sum;

        Tensor WithMoreKeys(Tensor mask) => moreKeys == 0 ? mask : Functional.Pad(mask, (0, moreKeys));
    }

    // Minus infinity where a bool mask is true.
    private static Tensor Added(Tensor mask, DType dtype) => mask.DType == DType.Bool
        ? Tensor.Zeros(mask.Shape, dtype).MaskedFill(mask, double.NegativeInfinity)
        : mask.DType.IsFloatingPoint
            ? mask
            : throw new DTypeException($"MultiheadAttention: a mask is bool or floating point, got {mask.DType.Name}");

    private static void Check(Tensor mask, string name, ReadOnlySpan<long> shape)
    {
        if (!mask.Shape.SequenceEqual(shape))
            throw new ShapeException($"MultiheadAttention: {name} must have shape " +
                $"({string.Join(", ", shape.ToArray())}), got {mask.ShapeText}");
    }
}
