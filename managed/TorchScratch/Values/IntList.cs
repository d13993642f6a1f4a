// Lists of sizes, strides and dimensions as arguments, without allocations in the usual cases.

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace TorchScratch;

/// <summary>
/// A list of integers as an argument: <c>4</c>, <c>(2, 3)</c>, <c>[2, 3]</c>, an array, a list, a span or
/// <c>x.Shape</c>. <c>default</c> means "not given" where a parameter is optional. Spans and long arrays are borrowed;
/// other integers are copied.
/// </summary>
[CollectionBuilder(typeof(IntListBuilder), nameof(IntListBuilder.Create))]
public readonly ref struct IntList
{
    private const int InlineCapacity = 6;

    [InlineArray(InlineCapacity)]
    private struct InlineValues
    {
        private long _first;
    }

    private readonly ReadOnlySpan<long> _borrowed;
    private readonly InlineValues _inline;

    // The number of integers in _inline, or -1 if the list is borrowed.
    private readonly int _inlineCount;
    private readonly bool _given;

    /// <summary>A list that borrows a span.</summary>
    public IntList(ReadOnlySpan<long> values)
    {
        _borrowed = values;
        _inlineCount = -1;
        _given = true;
    }

    /// <summary>A list with a copy of the integers.</summary>
    public IntList(ReadOnlySpan<int> values)
    {
        _given = true;
        if (values.Length <= InlineCapacity)
        {
            _inlineCount = values.Length;
            for (var i = 0; i < values.Length; i++)
                _inline[i] = values[i];
            return;
        }
        var copy = new long[values.Length];
        for (var i = 0; i < values.Length; i++)
            copy[i] = values[i];
        _borrowed = copy;
        _inlineCount = -1;
    }

    private IntList(int count, long a, long b = 0, long c = 0, long d = 0, long e = 0)
    {
        _inline[0] = a;
        _inline[1] = b;
        _inline[2] = c;
        _inline[3] = d;
        _inline[4] = e;
        _inlineCount = count;
        _given = true;
    }

    /// <summary>The number of integers, or -1 for <c>default</c>.</summary>
    public int Count => !_given ? -1 : _inlineCount >= 0 ? _inlineCount : _borrowed.Length;

    /// <summary>The integers; empty for <c>default</c>. The span is valid as long as this list.</summary>
    [UnscopedRef]
    public ReadOnlySpan<long> Span => _inlineCount >= 0 ? ((ReadOnlySpan<long>)_inline)[.._inlineCount] : _borrowed;

    /// <summary>For <c>foreach</c> and collection expressions.</summary>
    [UnscopedRef]
    public ReadOnlySpan<long>.Enumerator GetEnumerator() => Span.GetEnumerator();

    /// <summary>The integers in a new array.</summary>
    public long[] ToArray() => Span.ToArray();

    /// <summary>One integer.</summary>
    public static implicit operator IntList(int value) => new(1, value);

    /// <summary>One integer.</summary>
    public static implicit operator IntList(long value) => new(1, value);

    /// <summary>The array, borrowed; null means "not given".</summary>
    public static implicit operator IntList(long[]? values) => values is null ? default
        : new((ReadOnlySpan<long>)values);

    /// <summary>The array, copied; null means "not given".</summary>
    public static implicit operator IntList(int[]? values) => values is null ? default : new((ReadOnlySpan<int>)values);

    /// <summary>The list, borrowed; null means "not given".</summary>
    public static implicit operator IntList(List<long>? values) => values is null ? default
        : new((ReadOnlySpan<long>)CollectionsMarshal.AsSpan(values));

    /// <summary>The list, copied; null means "not given".</summary>
    public static implicit operator IntList(List<int>? values) => values is null ? default
        : new((ReadOnlySpan<int>)CollectionsMarshal.AsSpan(values));

    /// <summary>The span, borrowed.</summary>
    public static implicit operator IntList(ReadOnlySpan<long> values) => new(values);

    /// <summary>The span, copied.</summary>
    public static implicit operator IntList(ReadOnlySpan<int> values) => new(values);

    /// <summary>The span, copied.</summary>
    public static implicit operator IntList(Span<int> values) => new((ReadOnlySpan<int>)values);

    /// <summary>The span, borrowed.</summary>
    public static implicit operator IntList(Span<long> values) => new((ReadOnlySpan<long>)values);

    /// <summary>Two integers.</summary>
    public static implicit operator IntList((long, long) values) => new(2, values.Item1, values.Item2);

    /// <summary>Three integers.</summary>
    public static implicit operator IntList((long, long, long) values) =>
        new(3, values.Item1, values.Item2, values.Item3);

    /// <summary>Four integers.</summary>
    public static implicit operator IntList((long, long, long, long) values) =>
        new(4, values.Item1, values.Item2, values.Item3, values.Item4);

    /// <summary>Five integers.</summary>
    public static implicit operator IntList((long, long, long, long, long) values) =>
        new(5, values.Item1, values.Item2, values.Item3, values.Item4, values.Item5);
}

/// <summary>Creates an <see cref="IntList"/> from a collection expression.</summary>
public static class IntListBuilder
{
    /// <summary>A list that borrows the values of the expression.</summary>
    public static IntList Create(ReadOnlySpan<long> values) => new(values);
}
