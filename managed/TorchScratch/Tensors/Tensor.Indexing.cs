// x[0, 1..3, ^1]: an index becomes a chain of views, and one selection by all tensors in it together.

using System.Runtime.CompilerServices;

namespace TorchScratch;

public sealed partial class Tensor
{
    /// <summary>
    /// Part of the tensor. Integers, ranges, <see cref="TensorIndex.Ellipsis"/> and null give a view of the same data; an
    /// integer tensor gives a copy of the places it names, a bool tensor of those where it holds. Several tensors broadcast
    /// and name one place each together; their dimensions come first when something stands between them. Assigning copies
    /// into the part, broadcast and converted.
    /// </summary>
    /// <param name="index">One entry, for the first dimension.</param>
    /// <exception cref="TensorIndexException">An index is out of range, or there are more than dimensions.</exception>
    [IndexerName("Part")]
    public Tensor this[TensorIndex index]
    {
        get => At([index]);
        set => SetAt([index], value);
    }

    /// <inheritdoc cref="this[TensorIndex]"/>
    /// <param name="indices">Entries for the first dimensions; missing ones are whole.</param>
    [IndexerName("Part")]
    public Tensor this[params ReadOnlySpan<TensorIndex> indices]
    {
        get => At(indices);
        set => SetAt(indices, value);
    }

    private Tensor At(ReadOnlySpan<TensorIndex> indices)
    {
        var view = Narrowed(indices, out var selectors);
        return selectors.Count switch
        {
            0 => view,
            1 when selectors[0].Tensor.DType != DType.Bool => SelectBy(view, selectors[0].Tensor, selectors[0].Dim),
            _ => Picked(view, selectors),
        };
    }

    private void SetAt(ReadOnlySpan<TensorIndex> indices, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var view = Narrowed(indices, out var selectors);
        if (selectors.Count == 0)
        {
            view.Copy_(value);
            return;
        }
        if (selectors is [{ Tensor: { DType: DType.Bool } mask, Dim: 0 }] && value.ElementCount == 1)
        {
            // A mask covers the leading dimensions.
            for (var missing = view.NDim - mask.NDim; missing > 0; missing--)
                mask = mask.Unsqueeze(-1);
            view.Copy_(Where(mask, value, view));
            return;
        }
        var (moved, places) = Leading(view, selectors);
        // The shape of what is assigned to; where the places stand in it does not matter to a value of fewer dimensions.
        var part = Picked(view, selectors);
        var placesDims = part.NDim - (moved.NDim - places.Sum(TensorDims));
        var values = value.To(DType).Expand(part.Shape.ToArray());
        var first = FirstDim(selectors);
        if (first > 0)
        {
            var from = Enumerable.Range(first, placesDims).Select(d => (long)d).ToArray();
            values = values.Movedim(from, [.. Enumerable.Range(0, placesDims).Select(d => (long)d)]);
        }
        moved.Copy_(moved.IndexPut(places, values));
    }

    // The dimensions that tensors select from first, and the tensors.
    private static (Tensor Moved, Tensor[] Places) Leading(Tensor view, List<(Tensor Tensor, int Dim)> selectors)
    {
        var from = new List<long>();
        foreach (var (tensor, dim) in selectors)
        {
            for (var d = 0; d < TensorDims(tensor); d++)
                from.Add(dim + d);
        }
        Tensor[] places = [.. selectors.Select(selector => selector.Tensor)];
        return (view.Movedim(from.ToArray(), [.. Enumerable.Range(0, from.Count).Select(d => (long)d)]), places);
    }

    // Where the dimensions of the places come in the result: where they were, unless something stands between them.
    private static int FirstDim(List<(Tensor Tensor, int Dim)> selectors)
    {
        var next = selectors[0].Dim;
        foreach (var (tensor, dim) in selectors)
        {
            if (dim != next)
                return 0;
            next = dim + TensorDims(tensor);
        }
        return selectors[0].Dim;
    }

    private static Tensor Picked(Tensor view, List<(Tensor Tensor, int Dim)> selectors)
    {
        var (moved, places) = Leading(view, selectors);
        var picked = moved.Index(places);
        var placesDims = picked.NDim - (moved.NDim - places.Sum(TensorDims));
        var first = FirstDim(selectors);
        if (first == 0)
            return picked;
        var dims = Enumerable.Range(0, placesDims).Select(d => (long)d).ToArray();
        return picked.Movedim(dims, [.. dims.Select(d => d + first)]);
    }

    // Applies everything but tensors, and tells those and the dimensions they stand at.
    private Tensor Narrowed(ReadOnlySpan<TensorIndex> indices, out List<(Tensor Tensor, int Dim)> selectors)
    {
        selectors = [];
        var consumed = Consumed(indices);
        if (consumed > NDim)
        {
            throw new TensorIndexException($"index: {consumed} indices for a tensor of {NDim} dimensions and shape {ShapeText}");
        }
        var view = this;
        var dim = 0;
        foreach (var index in indices)
        {
            switch (index.Kind)
            {
                case TensorIndex.Form.Integer:
                    view = Next(view, view.Select(dim, index.Start!.Value));
                    break;
                case TensorIndex.Form.Slice:
                    if (index.Start is not (null or 0) || index.Stop is not null || index.Step != 1)
                        view = Next(view, view.Slice(dim, index.Start, index.Stop, index.Step));
                    dim++;
                    break;
                case TensorIndex.Form.NewAxis:
                    view = Next(view, view.Unsqueeze(dim++));
                    break;
                case TensorIndex.Form.Ellipsis:
                    dim += NDim - consumed;
                    break;
                default:
                    selectors.Add((index.Tensor!, dim));
                    // A mask takes a dimension for each of its own.
                    dim += TensorDims(index.Tensor!);
                    break;
            }
        }
        // Never the tensor itself: x[..] is another handle, which may be disposed on its own.
        return ReferenceEquals(view, this) && selectors.Count == 0 ? View(Shape) : view;
    }

    // The views on the way are nobody else's.
    private Tensor Next(Tensor view, Tensor next)
    {
        if (!ReferenceEquals(view, this))
            view.Dispose();
        return next;
    }

    private static int Consumed(ReadOnlySpan<TensorIndex> indices)
    {
        var (consumed, ellipses) = (0, 0);
        foreach (var index in indices)
        {
            consumed += index.Kind switch
            {
                TensorIndex.Form.Integer or TensorIndex.Form.Slice => 1,
                TensorIndex.Form.Tensor => TensorDims(index.Tensor!),
                _ => 0,
            };
            ellipses += index.Kind == TensorIndex.Form.Ellipsis ? 1 : 0;
        }
        return ellipses <= 1
            ? consumed
            : throw new TensorIndexException("index: an ellipsis may stand in an index only once");
    }

    private static int TensorDims(Tensor index) => index.DType == DType.Bool ? index.NDim : 1;

    // The dimension gives way to those of the index.
    private static Tensor SelectBy(Tensor view, Tensor selector, int dim)
    {
        if (selector.NDim == 1)
            return view.IndexSelect(dim, selector);
        long[] shape = [.. view.Shape[..dim], .. selector.Shape, .. view.Shape[(dim + 1)..]];
        return view.IndexSelect(dim, selector.Reshape(-1)).Reshape(shape);
    }
}
