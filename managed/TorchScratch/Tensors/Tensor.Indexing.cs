// x[0, 1..3, ^1]: an index becomes a chain of views, and at most one selection by a tensor.

using System.Runtime.CompilerServices;

namespace TorchScratch;

public sealed partial class Tensor
{
    /// <summary>
    /// Part of the tensor. Integers, ranges, <see cref="TensorIndex.Ellipsis"/> and null give a view of the same data; an
    /// integer tensor gives a copy of the places it names. Assigning copies into the part, broadcast and converted.
    /// </summary>
    /// <param name="index">One entry, for the first dimension.</param>
    /// <exception cref="TensorIndexException">An index is out of range, or there are more than dimensions.</exception>
    /// <exception cref="TensorNotSupportedException">
    /// A mask where elements are read, several tensors, or an integer tensor where elements are assigned.
    /// </exception>
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
        var view = Narrowed(indices, out var selector, out var dim);
        if (selector is null)
            return view;
        if (selector.DType == DType.Bool)
        {
            throw new TensorNotSupportedException("index: the number of elements under a bool mask is known only from its " +
                "data; use Where or MaskedFill, or assign through the mask");
        }
        return SelectBy(view, selector, dim);
    }

    private void SetAt(ReadOnlySpan<TensorIndex> indices, Tensor value)
    {
        ArgumentNullException.ThrowIfNull(value);
        var view = Narrowed(indices, out var selector, out var dim);
        if (selector is null)
        {
            view.Copy_(value);
            return;
        }
        if (selector.DType != DType.Bool || dim != 0)
        {
            throw new TensorNotSupportedException("index: assigning through an integer tensor is not supported; " +
                "IndexAdd and ScatterAdd put elements at places");
        }
        if (value.ElementCount != 1)
        {
            throw new TensorNotSupportedException($"index: a mask assigns one value, not a tensor of shape {value.ShapeText}; " +
                "Where chooses between tensors");
        }
        // A mask covers the leading dimensions.
        var mask = selector;
        for (var missing = view.NDim - selector.NDim; missing > 0; missing--)
            mask = mask.Unsqueeze(-1);
        view.Copy_(Where(mask, value, view));
    }

    // Applies everything but a tensor entry, and tells that and the dimension it stands at.
    private Tensor Narrowed(ReadOnlySpan<TensorIndex> indices, out Tensor? selector, out int selectorDim)
    {
        selector = null;
        selectorDim = 0;
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
                    if (selector is not null)
                        throw new TensorNotSupportedException("index: only one tensor may stand in an index; use Gather for more");
                    selector = index.Tensor!;
                    selectorDim = dim;
                    // A mask takes a dimension for each of its own.
                    dim += TensorDims(selector);
                    break;
            }
        }
        // Never the tensor itself: x[..] is another handle, which may be disposed on its own.
        return ReferenceEquals(view, this) && selector is null ? View(Shape) : view;
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
