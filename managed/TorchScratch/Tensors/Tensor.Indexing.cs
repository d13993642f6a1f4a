// Indexing, such as x[0, 1..3, ^1, mask]. Entries are passed to the native core, which implements the rules.

using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using TorchScratch.Interop;

namespace TorchScratch;

public unsafe partial class Tensor
{
    private const int MaxEntriesOnStack = 16;

    /// <summary>
    /// The part of the tensor that an index selects, as in NumPy and PyTorch. Integers, ranges,
    /// <see cref="TensorIndex.Ellipsis"/> and null (a new dimension) give a view of the same data. An integer tensor
    /// gives a copy of the elements at its indices; several integer tensors are broadcast and index together. A bool
    /// tensor is a mask over as many dimensions as it has. Assignment writes to the selected part; the value is
    /// broadcast and converted.
    /// </summary>
    /// <remarks>
    /// The dimensions of tensors in the index replace the dimensions they index, or come first if other entries
    /// separate them. If an element is selected several times, the last value assigned to it remains. Autograd records
    /// reads and assignments.
    /// </remarks>
    /// <param name="index">The entry for the first dimension.</param>
    /// <exception cref="TensorIndexException">
    /// An index is out of range, the shape of a mask does not fit, or there are more entries than dimensions.
    /// </exception>
    [IndexerName("Part")]
    public Tensor this[TensorIndex index]
    {
        get => At([index]);
        set => SetAt([index], value);
    }

    /// <inheritdoc cref="this[TensorIndex]"/>
    /// <param name="indices">The entries for the first dimensions; the remaining dimensions are selected whole.</param>
    [IndexerName("Part")]
    public Tensor this[params ReadOnlySpan<TensorIndex> indices]
    {
        get => At(indices);
        set => SetAt(indices, value);
    }

    /// <inheritdoc cref="this[ReadOnlySpan{TensorIndex}]"/>
    [IndexerName("Part")]
    [OverloadResolutionPriority(-1)]
    public Tensor this[params TensorIndex[] indices]
    {
        get
        {
            ArgumentNullException.ThrowIfNull(indices);
            return At(indices);
        }
        set
        {
            ArgumentNullException.ThrowIfNull(indices);
            SetAt(indices, value);
        }
    }

    /// <summary>
    /// Adds values to the elements that an index selects, in place; an element that is selected several times receives
    /// several values. PyTorch's index_put_ with accumulate=True.
    /// </summary>
    /// <param name="indices">The entries, as in x[...].</param>
    /// <param name="values">The values; they are broadcast to the selected part and converted.</param>
    /// <returns>This tensor.</returns>
    /// <exception cref="TensorIndexException">See <see cref="this[TensorIndex]"/>.</exception>
    public Tensor AddAt_(ReadOnlySpan<TensorIndex> indices, Tensor values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return Write(indices, values, true);
    }

    private Tensor At(ReadOnlySpan<TensorIndex> indices, [CallerMemberName] string? caller = null)
    {
        using var self = new TensorLease(this, "this", caller);
        using var tensors = new TensorListLease(TensorsIn(indices));
        var entries = indices.Length <= MaxEntriesOnStack
            ? stackalloc ts_index_entry[indices.Length]
            : new ts_index_entry[indices.Length];
        Fill(entries, indices, in tensors);
        nint result;
        fixed (ts_index_entry* pointer = entries)
            Status.Check(Native.ts_tensor_index(self.Handle, pointer, entries.Length, &result));
        return FromHandle(result);
    }

    private void SetAt(ReadOnlySpan<TensorIndex> indices, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Write(indices, value, false);
    }

    private Tensor Write(ReadOnlySpan<TensorIndex> indices, Tensor values, bool accumulate,
        [CallerMemberName] string? caller = null)
    {
        using var self = new TensorLease(this, "this", caller);
        using var source = new TensorLease(values, nameof(values), caller);
        using var tensors = new TensorListLease(TensorsIn(indices));
        var entries = indices.Length <= MaxEntriesOnStack
            ? stackalloc ts_index_entry[indices.Length]
            : new ts_index_entry[indices.Length];
        Fill(entries, indices, in tensors);
        fixed (ts_index_entry* pointer = entries)
        {
            Status.Check(Native.ts_tensor_index_put_(self.Handle, pointer, entries.Length, source.Handle,
                accumulate ? 1 : 0));
        }
        return this;
    }

    // Most indices contain no tensors, and then nothing is allocated.
    private static Tensor?[] TensorsIn(ReadOnlySpan<TensorIndex> indices)
    {
        List<Tensor?>? tensors = null;
        foreach (var index in indices)
        {
            if (index.Tensor is { } tensor)
                (tensors ??= []).Add(tensor);
        }
        return tensors?.ToArray() ?? [];
    }

    // The tensors are in the order of their entries.
    private static void Fill(Span<ts_index_entry> entries, ReadOnlySpan<TensorIndex> indices,
        [UnscopedRef] in TensorListLease tensors)
    {
        var next = 0;
        for (var i = 0; i < indices.Length; i++)
        {
            var index = indices[i];
            entries[i] = new()
            {
                tensor = index.Tensor is null ? 0 : tensors.Pointer[next++],
                start = index.Start ?? 0,
                stop = index.Stop ?? 0,
                step = index.Step,
                kind = (int)index.Kind,
                bounds = (index.Start is null ? 0 : 1) | (index.Stop is null ? 0 : 2),
            };
        }
    }
}
