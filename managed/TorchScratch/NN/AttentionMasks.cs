// Who sees whom in attention.

namespace TorchScratch.NN;

/// <summary>The masks that a caller may give; see <see cref="MultiheadAttention"/>.</summary>
internal readonly record struct AttentionMasks(Tensor? KeyPadding, Tensor? Attention, bool IsCausal)
{
    /// <summary>The same where a key that all see was appended.</summary>
    public AttentionMasks WithOneMoreKey() => this with
    {
        KeyPadding = KeyPadding is null ? null : Functional.Pad(KeyPadding, (0, 1)),
        Attention = Attention is null ? null : Functional.Pad(Attention, (0, 1)),
    };

    /// <summary>All of them as numbers to add to the scores (N, heads, L, S); null for none.</summary>
    public Tensor? Of(Tensor query, Tensor key, bool isBatched)
    {
        var (batch, heads, length, keys) = (query.Size(0), query.Size(1), query.Size(2), key.Size(2));
        Tensor? sum = null;
        if (KeyPadding is not null)
        {
            var padding = isBatched ? KeyPadding : KeyPadding.Unsqueeze(0);
            Check(padding, "keyPaddingMask", [batch, keys]);
            sum = Added(padding, query.DType).Reshape(batch, 1, 1, keys);
        }
        if (Attention is not null)
        {
            var mask = Added(Attention, query.DType);
            if (mask.NDim == 3)
            {
                Check(mask, "attnMask", [batch * heads, length, keys]);
                mask = mask.Reshape(batch, heads, length, keys);
            }
            else
            {
                Check(mask, "attnMask", [length, keys]);
            }
            sum = sum is null ? mask : sum + mask;
        }
        if (IsCausal)
        {
            var ahead = Added(Tensor.Ones([length, keys], DType.Bool).Triu(1), query.DType);
            sum = sum is null ? ahead : sum + ahead;
        }
        return sum;
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
            throw new ShapeException($"MultiheadAttention: {name} must have shape ({string.Join(", ", shape.ToArray())}), got {mask.ShapeText}");
    }
}
