// One entry of an index, such as 1..3 in x[0, 1..3, .., null].

using TorchScratch.Interop;

namespace TorchScratch;

/// <summary>
/// One entry of an index. Integers, <see cref="Index"/>, <see cref="Range"/> and tensors convert implicitly. <c>..</c>
/// selects a whole dimension, <see cref="Ellipsis"/> all dimensions that the other entries do not cover, and
/// <see cref="NewAxis"/> adds a dimension of size 1. A negative integer counts from the end, like <c>^1</c>.
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

    /// <summary>Selects all dimensions that the other entries do not cover.</summary>
    public static TensorIndex Ellipsis => new(Form.Ellipsis);

    /// <summary>Adds a dimension of size 1; null means the same.</summary>
    public static TensorIndex NewAxis => new(Form.NewAxis);

    // Null means a slice, so that default(TensorIndex) is "..".
    internal Form Kind => _kind ?? Form.Slice;

    // Negative values count from the end.
    internal long? Start { get; }

    internal long? Stop { get; }

    // 0 means 1, for the same reason.
    internal long Step => field == 0 ? 1 : field;

    internal Tensor? Tensor { get; }

    /// <summary>
    /// Selects the elements start, start + step, ... before stop. Negative and missing bounds are as in Python.
    /// </summary>
    public static TensorIndex Slice(long? start = null, long? stop = null, long step = 1) =>
        new(Form.Slice, start, stop, step);

    /// <summary>Selects one index of a dimension, which the result does not have.</summary>
    public static implicit operator TensorIndex(int index) => new(Form.Integer, index);

    /// <summary>Selects one index of a dimension, which the result does not have.</summary>
    public static implicit operator TensorIndex(long index) => new(Form.Integer, index);

    /// <summary>Selects one index of a dimension, which the result does not have.</summary>
    public static implicit operator TensorIndex(Index index) => new(Form.Integer, FromEnd(index));

    /// <summary>Selects a range of a dimension.</summary>
    public static implicit operator TensorIndex(Range range) => new(Form.Slice, FromEnd(range.Start),
        range.End is { IsFromEnd: true, Value: 0 } ? null : FromEnd(range.End));

    /// <summary>
    /// Selects the indices in an int64 or int32 tensor, or the elements where a bool tensor is true, which masks as
    /// many dimensions as it has; null adds a dimension.
    /// </summary>
    public static implicit operator TensorIndex(Tensor? index) =>
        index is null ? NewAxis : new(Form.Tensor, tensor: index);

    // ^0 is one past the end, which no negative number expresses. Slices clamp the maximum and integers reject it.
    private static long FromEnd(Index index) =>
        !index.IsFromEnd ? index.Value : index.Value == 0 ? long.MaxValue : -(long)index.Value;
}
