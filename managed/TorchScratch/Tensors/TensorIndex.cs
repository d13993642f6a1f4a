// One entry of an index: what stands between the commas of x[0, 1..3, .., null].

using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// One entry of an index. Integers, <see cref="Index"/>, <see cref="Range"/> and tensors convert implicitly;
/// <c>..</c> takes a whole dimension, <see cref="Ellipsis"/> as many as are left over and <see cref="NewAxis"/> adds
/// one of size 1. A negative integer counts from the end, as <c>^1</c> does.
/// </summary>
public readonly struct TensorIndex
{
    internal enum Form : byte
    {
        Slice = ts_index_kind.TS_INDEX_SLICE,
        Integer = ts_index_kind.TS_INDEX_INTEGER,
        NewAxis = ts_index_kind.TS_INDEX_NEW_AXIS,
        Ellipsis = ts_index_kind.TS_INDEX_ELLIPSIS,
        Tensor = ts_index_kind.TS_INDEX_TENSOR,
    }

    private readonly Form? _kind;

    private TensorIndex(Form kind, long? start = null, long? stop = null, long step = 1, Tensor? tensor = null) =>
        (_kind, Start, Stop, Step, Tensor) = (kind, start, stop, step, tensor);

    /// <summary>As many whole dimensions as the other entries leave over.</summary>
    public static TensorIndex Ellipsis => new(Form.Ellipsis);

    /// <summary>A new dimension of size 1; null means the same.</summary>
    public static TensorIndex NewAxis => new(Form.NewAxis);

    // With the default standing for a slice, so that default(TensorIndex) is "..".
    internal Form Kind => _kind ?? Form.Slice;

    // Negative values count from the end.
    internal long? Start { get; }

    internal long? Stop { get; }

    // With the default of 0 standing for 1, likewise.
    internal long Step => field == 0 ? 1 : field;

    internal Tensor? Tensor { get; }

    /// <summary>Elements start, start + step, ... below stop; negative and missing bounds as in Python.</summary>
    public static TensorIndex Slice(long? start = null, long? stop = null, long step = 1) =>
        new(Form.Slice, start, stop, step);

    /// <summary>One place along a dimension, which vanishes.</summary>
    public static implicit operator TensorIndex(int index) => new(Form.Integer, index);

    /// <summary>One place along a dimension, which vanishes.</summary>
    public static implicit operator TensorIndex(long index) => new(Form.Integer, index);

    /// <summary>One place along a dimension, which vanishes.</summary>
    public static implicit operator TensorIndex(Index index) => new(Form.Integer, FromEnd(index));

    /// <summary>A stretch of a dimension.</summary>
    public static implicit operator TensorIndex(Range range) => new(Form.Slice, FromEnd(range.Start),
        range.End is { IsFromEnd: true, Value: 0 } ? null : FromEnd(range.End));

    /// <summary>
    /// Places along a dimension, in an int64 or int32 tensor, or a mask over one or more in a bool one; null adds a
    /// dimension.
    /// </summary>
    public static implicit operator TensorIndex(Tensor? index) =>
        index is null ? NewAxis : new(Form.Tensor, tensor: index);

    // ^0 is one past the end, which no negative number says; any number that large is clamped or refused alike.
    private static long FromEnd(Index index) =>
        !index.IsFromEnd ? index.Value : index.Value == 0 ? long.MaxValue : -(long)index.Value;
}
