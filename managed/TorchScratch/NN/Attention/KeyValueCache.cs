// What a decoder that generates remembers of the positions before, so that each is computed once.

namespace TorchScratch.NN;

/// <summary>
/// Keys and values that one attention layer has computed, (N, heads, length, features of a head). With it a further
/// position costs one query over the length, where computing all anew costs as much as the whole text. For generating
/// under <see cref="Autograd.NoGrad"/>; memory for all positions is taken once.
/// </summary>
public sealed class KeyValueCache : IDisposable
{
    private Tensor? _keys, _values;
    private bool _isDisposed;

    /// <summary>An empty cache.</summary>
    /// <param name="capacity">Positions that it has room for.</param>
    public KeyValueCache(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Capacity = capacity;
    }

    /// <summary>Positions that there is room for.</summary>
    public int Capacity { get; }

    /// <summary>Positions that it holds.</summary>
    public int Length { get; private set; }

    /// <summary>Forgets the positions from <paramref name="length"/> on.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    /// <summary>Frees the memory.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        _keys?.Dispose();
        _values?.Dispose();
    }

    /// <summary>Takes further positions in, and gives views of all.</summary>
    internal (Tensor Keys, Tensor Values) Append(Tensor keys, Tensor values)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Autograd.IsGradEnabled)
        {
            throw new AutogradException(
                "key-value cache: what it holds has no gradient; generate under Autograd.NoGrad(), train without a " +
                "cache");
        }
        var added = (int)keys.Size(2);
        if (added > Capacity - Length)
        {
            throw new ValueException(
                $"key-value cache: {added} more positions do not fit behind {Length} of {Capacity}; " +
                "make a larger cache, or begin anew with the last positions after Truncate(0)");
        }
        _keys ??= Room(keys);
        _values ??= Room(values);
        if (keys.Size(0) != _keys.Size(0) || keys.Size(1) != _keys.Size(1) || keys.Size(3) != _keys.Size(3) ||
            keys.DType != _keys.DType)
        {
            throw new ShapeException($"key-value cache: it was begun with {_keys.DType} {_keys.ShapeText} for all " +
                $"positions, got {keys.DType} {keys.ShapeText}; each layer and each batch needs a cache of its own");
        }
        _keys.Narrow(2, Length, added).Copy_(keys);
        _values.Narrow(2, Length, added).Copy_(values);
        Length += added;
        return (_keys.Narrow(2, 0, Length), _values.Narrow(2, 0, Length));

        Tensor Room(Tensor like) =>
            Parameter.OutOfScopes(Tensor.Empty([like.Size(0), like.Size(1), Capacity, like.Size(3)], like.DType));
    }
}
