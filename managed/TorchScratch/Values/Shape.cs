// The sizes of a tensor's dimensions as a value.

using System.Collections;
using System.Runtime.CompilerServices;

namespace TorchScratch;

/// <summary>
/// The sizes of the dimensions of a tensor, outermost first; empty for a 0-d tensor. A list of integers that never
/// changes: it can be indexed, sliced, matched (<c>x.Shape is [_, 3]</c>), enumerated and passed wherever sizes are
/// expected, and its text is that of a collection expression, <c>[2, 3]</c>.
/// </summary>
[CollectionBuilder(typeof(Shape), nameof(Of))]
public readonly struct Shape : IReadOnlyList<long>, IEquatable<Shape>
{
    private readonly long[]? _sizes;

    /// <summary>The shape takes the array over, which nothing may change from then on.</summary>
    internal Shape(long[] sizes) => _sizes = sizes;

    /// <summary>The number of dimensions.</summary>
    public int Length => _sizes?.Length ?? 0;

    /// <summary>The number of elements of such a tensor: the product of the sizes, 1 for no dimensions.</summary>
    /// <exception cref="OverflowException">It does not fit a long.</exception>
    public long ElementCount
    {
        get
        {
            long count = 1;
            foreach (var size in Span)
                count = checked(count * size);
            return count;
        }
    }

    /// <summary>The sizes. The span stays valid as long as it is used.</summary>
    public ReadOnlySpan<long> Span => _sizes;

    /// <inheritdoc/>
    int IReadOnlyCollection<long>.Count => Length;

    /// <summary>The size of a dimension.</summary>
    /// <exception cref="IndexOutOfRangeException">There is no such dimension.</exception>
    public long this[int dim] => Span[dim];

    /// <summary>A shape with a copy of sizes.</summary>
    public static Shape Of(params ReadOnlySpan<long> sizes) => new(sizes.ToArray());

    /// <summary>The sizes of some dimensions, as in <c>x.Shape[1..]</c>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are not as many dimensions.</exception>
    public ReadOnlySpan<long> Slice(int start, int length)
    {
        if (start < 0 || start > Length)
            throw new ArgumentOutOfRangeException(nameof(start), start, $"the shape {this} has {Length} dimensions");
        if (length < 0 || length > Length - start)
        {
            throw new ArgumentOutOfRangeException(nameof(length), length,
                $"the shape {this} has {Length - start} dimensions from dimension {start} on");
        }
        return Span.Slice(start, length);
    }

    /// <summary>The sizes in a new array.</summary>
    public long[] ToArray() => Span.ToArray();

    /// <summary>Whether the sizes are those of a list.</summary>
    public bool SequenceEqual(ReadOnlySpan<long> sizes) => Span.SequenceEqual(sizes);

    /// <summary>Copies the sizes to a span.</summary>
    public void CopyTo(Span<long> destination) => Span.CopyTo(destination);

    /// <summary>Whether a dimension has the size.</summary>
    public bool Contains(long size) => Span.Contains(size);

    /// <summary>The first dimension with the size, or -1.</summary>
    public int IndexOf(long size) => Span.IndexOf(size);

    /// <summary>For <c>foreach</c>, without an allocation.</summary>
    public ReadOnlySpan<long>.Enumerator GetEnumerator() => Span.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator<long> IEnumerable<long>.GetEnumerator() => ((IEnumerable<long>)(_sizes ?? [])).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => (_sizes ?? []).GetEnumerator();

    /// <summary>The sizes as a span.</summary>
    public static implicit operator ReadOnlySpan<long>(Shape shape) => shape.Span;

    /// <summary>The sizes as an argument.</summary>
    public static implicit operator IntList(Shape shape) => new(shape.Span);

    /// <summary>Whether both have the same sizes.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Whether a size differs, or the number of dimensions.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>Whether both have the same sizes.</summary>
    public bool Equals(Shape other) => SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var size in Span)
            hash.Add(size);
        return hash.ToHashCode();
    }

    /// <summary>The sizes as text, such as <c>[2, 3]</c>.</summary>
    public override string ToString() => $"[{string.Join(", ", _sizes ?? [])}]";
}
