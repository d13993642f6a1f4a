// The keys and values of earlier positions, so that generation computes each position once.

namespace TorchScratch.NN;

/// <summary>
/// The keys and values that one attention layer has computed, (N, heads, length, features per head). With a cache,
/// generating a position costs one query over all earlier positions instead of a forward pass over the whole sequence.
/// For use under <see cref="Autograd.NoGrad"/>. Memory for all positions is allocated once.
/// </summary>
public sealed class KeyValueCache : IDisposable
{
    private Tensor? _keys, _values;
    private bool _isDisposed;

    /// <summary>An empty cache.</summary>
    /// <param name="capacity">The largest number of positions.</param>
    public KeyValueCache(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Capacity = capacity;
    }

    /// <summary>The largest number of positions.</summary>
    public int Capacity { get; }

    /// <summary>The number of positions in the cache.</summary>
    public int Length { get; private set; }

    /// <summary>Removes the positions from <paramref name="length"/> on.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The length is negative or above <see cref="Length"/>.</exception>
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

    /// <summary>Appends positions, and returns views of all positions.</summary>
    internal (Tensor Keys, Tensor Values) Append(Tensor keys, Tensor values)
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (Autograd.IsGradEnabled)
        {
            throw new AutogradException(
                "key-value cache: cached positions have no gradient; generate under Autograd.NoGrad(), and train " +
                "without a cache");
        }
        var added = (int)keys.Size(2);
        if (added > Capacity - Length)
        {
            throw new ValueException(
                $"key-value cache: no room for {added} more positions after {Length} of {Capacity}; create a larger " +
                "cache, or call Truncate(0) and start again from the last positions");
        }
        _keys ??= Allocate(keys);
        _values ??= Allocate(values);
        if (keys.Device != _keys.Device)
        {
            throw new DeviceException($"key-value cache: it is on {_keys.Device}, got keys on {keys.Device}; create " +
                "another cache after moving the model");
        }
        if (keys.Size(0) != _keys.Size(0) || keys.Size(1) != _keys.Size(1) || keys.Size(3) != _keys.Size(3) ||
            keys.DType != _keys.DType)
        {
            throw new ShapeException($"key-value cache: it was created for {_keys.DType} {_keys.ShapeText}, got " +
                $"{keys.DType} {keys.ShapeText}; each layer and each batch needs a separate cache");
        }
        _keys.Narrow(2, Length, added).Copy_(keys);
        _values.Narrow(2, Length, added).Copy_(values);
        Length += added;
        return (_keys.Narrow(2, 0, Length), _values.Narrow(2, 0, Length));

        Tensor Allocate(Tensor like) => Parameter.OutOfScopes(
            Tensor.Empty([like.Size(0), like.Size(1), Capacity, like.Size(3)], like.DType, like.Device));
    }
}
