// The elements of a tensor as lanes along one dimension.

namespace TorchScratch.Conformance.Checks;

/// <summary>The lanes along a dimension of a dense row-major tensor; a 0-d tensor is one lane of one element.</summary>
internal readonly struct Lanes
{
    private readonly int _stride;

    public Lanes(ReadOnlySpan<long> shape, long dim)
    {
        if (shape.IsEmpty)
            shape = [1];
        var axis = (int)(dim < 0 ? dim + shape.Length : dim);
        Length = (int)shape[axis];
        _stride = 1;
        foreach (var size in shape[(axis + 1)..])
            _stride *= (int)size;
        Count = _stride;
        foreach (var size in shape[..axis])
            Count *= (int)size;
    }

    /// <summary>The number of lanes.</summary>
    public int Count { get; }

    /// <summary>The number of elements in a lane.</summary>
    public int Length { get; }

    /// <summary>The index in the tensor of an element of a lane.</summary>
    public int At(int lane, int i) => lane / _stride * _stride * Length + lane % _stride + i * _stride;

    /// <summary>The elements of a lane.</summary>
    public T[] Of<T>(T[] values, int lane)
    {
        var result = new T[Length];
        for (var i = 0; i < Length; i++)
            result[i] = values[At(lane, i)];
        return result;
    }
}
