// Advanced indexing: x[...] with tensors and masks, and the operators that are special cases of it.
//
// Every index is reduced to three things: a view of the tensor, the list of its dimensions that are indexed by tensors,
// and `indices`, one int64 tensor of row-major positions within those dimensions, checked and not negative. The three
// kernels of cpu/kernels/advanced_index.cpp work on these.
#include <algorithm>
#include <vector>

#include "generated/functions/views_and_indexing.g.h"
#include "ops/argument_types.h"
#include "ops/infer.h"
#include "tensor/host_access.h"
#include "torchscratch/autograd.h"
#include "torchscratch/indexing.h"
#include "torchscratch/observer.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/add.g.h"
#include "torchscratch/ops/add_indices.g.h"
#include "torchscratch/ops/alias.g.h"
#include "torchscratch/ops/checked_indices.g.h"
#include "torchscratch/ops/contiguous.g.h"
#include "torchscratch/ops/copy.g.h"
#include "torchscratch/ops/expand.g.h"
#include "torchscratch/ops/gather.g.h"
#include "torchscratch/ops/mask_indices.g.h"
#include "torchscratch/ops/put.g.h"
#include "torchscratch/ops/put_indices.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/select.g.h"
#include "torchscratch/ops/slice.g.h"
#include "torchscratch/ops/sum.g.h"
#include "torchscratch/ops/take.g.h"
#include "torchscratch/ops/take_indices.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/ops/unbind.g.h"
#include "torchscratch/ops/unravel_indices.g.h"
#include "torchscratch/ops/unsqueeze.g.h"
#include "torchscratch/tensor.h"

namespace ts {

// ---- From an index to indices ----

namespace {

bool is_mask(const Tensor& tensor) { return tensor.dtype() == DType::Bool || tensor.dtype() == DType::UInt8; }

// The row-major positions at which a mask is true (for uint8, not 0), int64[n].
Tensor positions_of(const Tensor& mask) {
  const NoGrad no_grad;
  const Tensor holds = mask.dtype() == DType::Bool ? mask : mask != Scalar(0);
  return mask_indices(holds, host_value<std::int64_t>(sum(holds)));
}

// A tensor in an index: it indexes `count` dimensions beginning with `dim`, which have `positions` positions in total.
struct Selector {
  int dim, count;
  std::int64_t positions;
  Tensor indices;
};

struct Selection {
  Tensor view;
  Dims dims;       // indexed by tensors
  Tensor indices;  // undefined if there are none
};

Selector select_by(const Tensor& self, const Tensor& index, int dim) {
  if (!is_mask(index)) return {dim, 1, self.sizes()[dim], checked_indices(index, self.sizes()[dim], dim, true)};
  Selector selector{dim, index.dim(), 1, {}};
  for (int i = 0; i < index.dim(); ++i) {
    TS_CHECK(index.sizes()[i] == self.sizes()[dim + i], IndexError, "the mask ", describe(index), " has size ",
             index.sizes()[i], " in dimension ", i, ", but indexes dimension ", dim + i, " of ", describe(self),
             ", of size ", self.sizes()[dim + i]);
  }
  selector.positions = index.numel();
  selector.indices = positions_of(index);
  return selector;
}

Selection combine(Tensor view, const std::vector<Selector>& selectors) {
  const NoGrad no_grad;
  Selection selection{std::move(view), {}, {}};
  for (const Selector& selector : selectors) {
    for (int i = 0; i < selector.count; ++i) selection.dims.push_back(selector.dim + i);
    if (!selection.indices.defined()) {
      selection.indices = selector.indices;
      continue;
    }
    const Dims &a = selection.indices.sizes(), &b = selector.indices.sizes();
    for (int i = 1; i <= std::min(a.size(), b.size()); ++i) {
      const std::int64_t x = a[a.size() - i], y = b[b.size() - i];
      TS_CHECK(x == y || x == 1 || y == 1, IndexError, "the tensors in the index have shapes ", a.to_string(), " and ",
               b.to_string(), ", which cannot be broadcast to a common shape");
    }
    selection.indices = selection.indices * Scalar(selector.positions) + selector.indices;
  }
  if (selection.indices.defined()) selection.indices = contiguous(selection.indices);
  return selection;
}

// The number of dimensions of self that an entry indexes.
int consumed_by(const Index& entry) {
  switch (entry.kind()) {
    case Index::Kind::Integer:
    case Index::Kind::Slice:
      return 1;
    case Index::Kind::Tensor:
      return is_mask(entry.tensor()) ? entry.tensor().dim() : 1;
    default:
      return 0;
  }
}

Selection resolve(const Tensor& self, Span<const Index> indices) {
  int consumed = 0, ellipses = 0;
  for (const Index& entry : indices) {
    if (entry.kind() == Index::Kind::Tensor) check_defined(entry.tensor(), "indices");
    consumed += consumed_by(entry);
    ellipses += entry.kind() == Index::Kind::Ellipsis ? 1 : 0;
  }
  TS_CHECK(ellipses <= 1, IndexError, "an index can contain only one ellipsis, but there are ", ellipses);
  TS_CHECK(consumed <= self.dim(), IndexError, "there are indices for ", consumed, " dimensions, but ", describe(self),
           " has ", self.dim());
  Tensor view = self;
  std::vector<Selector> selectors;
  int dim = 0;
  for (const Index& entry : indices) {
    switch (entry.kind()) {
      case Index::Kind::Integer:
        view = select(view, dim, entry.integer());
        break;
      case Index::Kind::Slice: {
        const Slice& range = entry.slice();
        if (range.start.value_or(0) != 0 || range.stop || range.step != 1) {
          view = slice(view, dim, range.start, range.stop, range.step);
        }
        ++dim;
        break;
      }
      case Index::Kind::NewAxis:
        view = unsqueeze(view, dim++);
        break;
      case Index::Kind::Ellipsis:
        dim += self.dim() - consumed;
        break;
      case Index::Kind::Tensor: {
        const Tensor& tensor = entry.tensor();
        if (tensor.dim() > 0) {
          selectors.push_back(select_by(view, tensor, dim));
          dim += selectors.back().count;
        } else if (is_mask(tensor)) {
          // True selects everything, false nothing: a new dimension of size 1 is indexed once or not at all.
          view = unsqueeze(view, dim);
          selectors.push_back({dim++, 1, 1, positions_of(tensor)});
        } else {
          view = select(view, dim, host_value<std::int64_t>(checked_indices(tensor, view.sizes()[dim], dim, true)));
        }
        break;
      }
    }
  }
  return combine(std::move(view), selectors);
}

// Indices that are all tensors, for the leading dimensions; a 0-d tensor is an index like any other.
Selection resolve(const Tensor& self, Span<const Tensor> indices) {
  TS_CHECK(!indices.empty(), IndexError, "expected at least one tensor of indices");
  int consumed = 0;
  for (const Tensor& index : indices) consumed += is_mask(index) ? index.dim() : 1;
  TS_CHECK(consumed <= self.dim(), IndexError, "there are indices for ", consumed, " dimensions, but ", describe(self),
           " has ", self.dim());
  Tensor view = self;
  std::vector<Selector> selectors;
  int dim = 0;
  for (const Tensor& index : indices) {
    if (is_mask(index) && index.dim() == 0) {
      view = unsqueeze(view, dim);
      selectors.push_back({dim++, 1, 1, positions_of(index)});
      continue;
    }
    selectors.push_back(select_by(view, index, dim));
    dim += selectors.back().count;
  }
  return combine(std::move(view), selectors);
}

// Indexes all dimensions together, so that an index is a position in row-major order.
Selection elements_at(const Tensor& self, Tensor positions) {
  Selection selection{self.dim() == 0 ? unsqueeze(self, 0) : self, {}, std::move(positions)};
  for (int d = 0; d < selection.view.dim(); ++d) selection.dims.push_back(d);
  return selection;
}

// Indexes slices along dim; a scalar is treated as a vector with one element. As in PyTorch, whether negative indices
// count from the end differs between operators.
Selection slices_at(const Tensor& self, std::int64_t dim, const Tensor& index, bool negative) {
  const int d = normalize_dim(dim, self.dim());
  TS_CHECK(index.dim() <= 1, ShapeError, "the index must be a vector, but it is ", describe(index));
  const Tensor view = self.dim() == 0 ? unsqueeze(self, 0) : self;
  const NoGrad no_grad;
  return {view, {d}, reshape(checked_indices(index, view.sizes()[d], d, negative), {-1})};
}

Dims selected_shape(const Selection& selection) {
  return infer::take_indices(selection.view, selection.dims, selection.indices);
}

Tensor take(const Selection& selection) {
  return take_indices(selection.view, selection.dims, selection.indices);
}

// `values` broadcast to `sizes`. As in assignments in Python, extra leading dimensions of size 1 are dropped.
Tensor fitted(const Tensor& values, const Dims& sizes) {
  Dims shape = values.sizes();
  while (shape.size() > sizes.size() && shape[0] == 1) shape.erase(0);
  bool fits = shape.size() <= sizes.size();
  for (int i = 1; fits && i <= shape.size(); ++i) {
    const std::int64_t size = shape[shape.size() - i];
    fits = size == 1 || size == sizes[sizes.size() - i];
  }
  TS_CHECK(fits, ShapeError, "values ", describe(values), " do not broadcast to the indexed part, of shape ",
           sizes.to_string());
  const Tensor reshaped = shape == values.sizes() ? values : reshape(values, shape);
  return shape == sizes ? reshaped : expand(reshaped, sizes);
}

Tensor put(const Selection& selection, const Tensor& values, bool accumulate) {
  const IntList dims = selection.dims;
  return accumulate ? add_indices(selection.view, dims, selection.indices, values)
                    : put_indices(selection.view, dims, selection.indices, values);
}

Tensor put_in_place(const Selection& selection, const Tensor& values, bool accumulate) {
  const IntList dims = selection.dims;
  return accumulate ? add_indices_(selection.view, dims, selection.indices, values)
                    : put_indices_(selection.view, dims, selection.indices, values);
}

void check_mask(const Tensor& mask) {
  TS_CHECK(is_mask(mask), DTypeError, "mask must be bool, but it is ", describe(mask),
           "; compare it or convert it with `to(bool)`");
}

void check_source(const Tensor& self, const Tensor& source, const char* name) {
  TS_CHECK(source.dtype() == self.dtype(), DTypeError, "the ", name, " is ", describe(source), ", but `self` is ",
           describe(self), "; convert one of them with `to(dtype)`");
}

// The elements of self, broadcast with the mask, where the mask is true.
Selection masked(const Tensor& self, const Tensor& mask) {
  check_mask(mask);
  const Dims shape = broadcast_shapes(self.sizes(), mask.sizes());
  const Tensor spread = mask.sizes() == shape ? mask : expand(mask, shape);
  return elements_at(self.sizes() == shape ? self : expand(self, shape), positions_of(spread));
}

// The first elements of source, as many as there are indices.
Tensor leading_elements(const Tensor& source, const Selection& selection) {
  const std::int64_t count = selection.indices.numel();
  TS_CHECK(source.numel() >= count, ValueError, "the mask is true at ", count, " indices, but source ",
           describe(source), " has only ", source.numel(), " elements");
  return slice(reshape(source, {-1}), 0, 0, count);
}

// The source of index_copy, in the shape of the slices that it is copied to.
Tensor source_of_slices(const Tensor& source, const Selection& selection) {
  const Dims sizes = selected_shape(selection);
  if (source.dim() == 0 && product(sizes) == 1) return reshape(source, sizes);
  TS_CHECK(source.sizes() == sizes, ShapeError, "the source must have the shape ", sizes.to_string(),
           ", that of `self` with one slice for each index, but it is ", describe(source));
  return source;
}

Tensor fill_value(const Tensor& self, const Tensor& value) {
  TS_CHECK(value.dim() == 0, ShapeError, "value must be a number or a 0-d tensor, but it is ", describe(value));
  return to(value, self.dtype());
}

Tensor as_elements_of(const Tensor& self, const Tensor& result) {
  return result.sizes() == self.sizes() ? result : reshape(result, self.sizes());
}

Tensor nonzero_mask(const Tensor& self) {
  const NoGrad no_grad;
  return is_mask(self) ? self : self != Scalar(0);
}

}  // namespace

// ---- x[...] ----

Tensor index(const Tensor& self, Span<const Index> indices) {
  const detail::OpScope scope("index");
  check_defined(self, "self");
  const Selection selection = resolve(self, indices);
  if (selection.indices.defined()) return take(selection);
  return selection.view.is_same(self) ? alias(self) : selection.view;
}

Tensor index_put_(const Tensor& self, Span<const Index> indices, const Tensor& values, bool accumulate) {
  const detail::OpScope scope("index_put_");
  check_defined(self, "self");
  check_defined(values, "values");
  const Selection selection = resolve(self, indices);
  const Tensor source = to(values, self.dtype());
  if (selection.indices.defined()) {
    put_in_place(selection, fitted(source, selected_shape(selection)), accumulate);
  } else if (accumulate) {
    add_(selection.view, fitted(source, selection.view.sizes()));
  } else {
    copy_(selection.view, fitted(source, selection.view.sizes()));
  }
  return self;
}

Tensor index_put_(const Tensor& self, Span<const Index> indices, const Scalar& value, bool accumulate) {
  check_defined(self, "self");
  return index_put_(self, indices, scalar_tensor(value, self.dtype(), self.device()), accumulate);
}

Tensor index_put_composite(const Tensor& self, Span<const Tensor> indices, const Tensor& values, bool accumulate) {
  check_source(self, values, "values");
  const Selection selection = resolve(self, indices);
  return as_elements_of(self, put(selection, fitted(values, selected_shape(selection)), accumulate));
}

// ---- Row-major positions ----

Tensor nonzero_composite(const Tensor& self) { return unravel_indices(positions_of(nonzero_mask(self)), self.sizes()); }

TensorList where_composite(const Tensor& condition) {
  return unbind(nonzero_composite(condition.dim() == 0 ? unsqueeze(condition, 0) : condition), 1);
}

Tensor take_composite(const Tensor& self, const Tensor& index) {
  TS_CHECK(self.numel() > 0 || index.numel() == 0, IndexError, "cannot take elements from ", describe(self),
           ", which has no elements");
  return take(elements_at(self, checked_indices(index, self.numel(), 0, true)));
}

Tensor put_composite(const Tensor& self, const Tensor& index, const Tensor& source, bool accumulate) {
  check_source(self, source, "source");
  TS_CHECK(source.numel() == index.numel(), ShapeError, "source ", describe(source), " and index ", describe(index),
           " must have the same number of elements");
  const Selection selection = elements_at(self, checked_indices(index, self.numel(), 0, true));
  return as_elements_of(self, put(selection, reshape(source, index.sizes()), accumulate));
}

Tensor put_in_place(const Tensor& self, const Tensor& index, const Tensor& source, bool accumulate) {
  check_source(self, source, "source");
  TS_CHECK(source.numel() == index.numel(), ShapeError, "source ", describe(source), " and index ", describe(index),
           " must have the same number of elements");
  put_in_place(elements_at(self, checked_indices(index, self.numel(), 0, true)),
               reshape(source, index.sizes()), accumulate);
  return self;
}

Tensor take_along_dim_composite(const Tensor& self, const Tensor& indices, OptionalInt dim) {
  if (!dim) return gather(reshape(self, {-1}), 0, reshape(indices, {-1}));
  TS_CHECK(self.dim() == indices.dim(), ShapeError, "indices ", describe(indices),
           " must have as many dimensions as `self`, ", describe(self));
  const int d = normalize_dim(*dim, self.dim());
  if (self.dim() == 0) return gather(self, 0, indices);
  // All dimensions except dim are broadcast.
  Dims from = self.sizes(), at = indices.sizes();
  const std::int64_t size = from[d], count = at[d];
  from[d] = at[d] = 1;
  from = at = broadcast_shapes(from, at);
  from[d] = size;
  at[d] = count;
  return gather(expand(self, from), d, expand(indices, at));
}

// ---- Slices along a dimension ----

Tensor index_copy_composite(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& source) {
  check_source(self, source, "source");
  const Selection selection = slices_at(self, dim, index, false);
  return as_elements_of(self, put(selection, source_of_slices(source, selection), false));
}

Tensor index_fill_composite(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& value) {
  const Selection selection = slices_at(self, dim, index, true);
  return as_elements_of(self, put(selection, fitted(fill_value(self, value), selected_shape(selection)), false));
}

Tensor index_fill_composite(const Tensor& self, std::int64_t dim, const Tensor& index, const Scalar& value) {
  return index_fill_composite(self, dim, index, scalar_tensor(value, self.dtype(), self.device()));
}

Tensor index_copy_in_place(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& source) {
  check_source(self, source, "source");
  const Selection selection = slices_at(self, dim, index, false);
  put_in_place(selection, source_of_slices(source, selection), false);
  return self;
}

Tensor index_fill_in_place(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& value) {
  const Selection selection = slices_at(self, dim, index, true);
  put_in_place(selection, fitted(fill_value(self, value), selected_shape(selection)), false);
  return self;
}

Tensor index_fill_in_place(const Tensor& self, std::int64_t dim, const Tensor& index, const Scalar& value) {
  return index_fill_in_place(self, dim, index, scalar_tensor(value, self.dtype(), self.device()));
}

// ---- Masks ----

Tensor masked_select_composite(const Tensor& self, const Tensor& mask) { return take(masked(self, mask)); }

Tensor masked_scatter_composite(const Tensor& self, const Tensor& mask, const Tensor& source) {
  check_source(self, source, "source");
  const Selection selection = masked(self, mask);
  const Tensor result = put(selection, leading_elements(source, selection), false);
  return self.dim() == 0 && mask.dim() == 0 ? reshape(result, {}) : result;
}

Tensor masked_scatter_in_place(const Tensor& self, const Tensor& mask, const Tensor& source) {
  check_mask(mask);
  check_source(self, source, "source");
  const Selection selection = elements_at(self, positions_of(expand(mask, self.sizes())));
  put_in_place(selection, leading_elements(source, selection), false);
  return self;
}

}  // namespace ts
