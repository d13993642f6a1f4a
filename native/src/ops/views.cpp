// Views: shapes and strides over the same storage.
#include "ops/views.h"

#include "generated/functions/views_and_indexing.g.h"
#include "ops/argument_types.h"
#include "tensor/host_access.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/alias.g.h"
#include "torchscratch/ops/as_strided_backward.g.h"
#include "torchscratch/ops/clone.g.h"
#include "torchscratch/ops/narrow.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/select.g.h"
#include "torchscratch/ops/slice.g.h"
#include "torchscratch/ops/transpose.g.h"
#include "torchscratch/ops/view.g.h"
#include "torchscratch/tensor.h"

namespace ts {

namespace {

// `size` with -1 replaced by the size that follows from the others.
Dims resolve_shape(const Tensor& self, IntList size) {
  Dims shape(size);
  int unknown = -1;
  std::int64_t known = 1;
  for (int i = 0; i < shape.size(); ++i) {
    if (shape[i] == -1) {
      TS_CHECK(unknown < 0, ShapeError, "only one size of ", shape.to_string(), " may be -1");
      unknown = i;
      continue;
    }
    TS_CHECK(shape[i] >= 0, ShapeError, "sizes must not be negative, got ", shape.to_string());
    TS_CHECK(!__builtin_mul_overflow(known, shape[i], &known), ShapeError, "shape ", shape.to_string(),
             " has too many elements");
  }
  if (unknown >= 0) {
    TS_CHECK(known != 0, ShapeError, "-1 in ", shape.to_string(), " is ambiguous if another size is 0");
    TS_CHECK(self.numel() % known == 0, ShapeError, "shape ", shape.to_string(), " does not divide the ", self.numel(),
             " elements of ", describe(self));
    shape[unknown] = self.numel() / known;
  }
  if (unknown >= 0) known *= shape[unknown];
  TS_CHECK(known == self.numel(), ShapeError, describe(self), " has ", self.numel(), " elements, shape ",
           shape.to_string(), " has ", known);
  return shape;
}

// Strides that view `self` in another shape, if there are any: each group of old dimensions that is contiguous in
// itself must be split exactly into a group of new dimensions.
std::optional<Dims> strides_for_shape(const Tensor& self, const Dims& shape) {
  if (self.is_contiguous() || self.numel() == 0) return contiguous_strides(shape);
  Dims strides;
  strides.resize(static_cast<std::size_t>(shape.size()));
  int next = shape.size() - 1;
  std::int64_t base = self.dim() > 0 ? self.strides()[self.dim() - 1] : 1;
  std::int64_t old_count = 1;
  std::int64_t new_count = 1;
  for (int d = self.dim() - 1; d >= 0; --d) {
    old_count = wrapping_product(old_count, self.sizes()[d]);
    const bool group_ends = d == 0 || (self.sizes()[d - 1] != 1 && self.strides()[d - 1] != old_count * base);
    if (!group_ends) continue;
    while (next >= 0 && (new_count < old_count || shape[next] == 1)) {
      strides[next] = new_count * base;
      new_count *= shape[next];
      --next;
    }
    if (new_count != old_count) return std::nullopt;
    if (d > 0) {
      base = self.strides()[d - 1];
      old_count = 1;
      new_count = 1;
    }
  }
  for (; next >= 0; --next) strides[next] = 1;
  return strides;
}

Tensor restrided(const Tensor& self, const Dims& sizes, const Dims& strides) {
  return view_of(self, sizes, strides, self.storage_offset());
}

}  // namespace

Tensor view_view(const Tensor& self, IntList size) {
  const Dims shape = resolve_shape(self, size);
  const std::optional<Dims> strides = strides_for_shape(self, shape);
  TS_CHECK(strides, ShapeError, describe(self), " with strides ", self.strides().to_string(), " cannot be viewed as ",
           shape.to_string(), " without a copy; use reshape");
  return restrided(self, shape, *strides);
}

Tensor reshape_composite(const Tensor& self, IntList shape) {
  const Dims resolved = resolve_shape(self, shape);
  if (resolved == self.sizes()) return self;
  return view(strides_for_shape(self, resolved) ? self : clone(self), resolved);
}

Tensor transpose_view(const Tensor& self, std::int64_t dim0, std::int64_t dim1) {
  const int a = normalize_dim(dim0, self.dim());
  const int b = normalize_dim(dim1, self.dim());
  Dims sizes = self.sizes();
  Dims strides = self.strides();
  if (self.dim() > 0) {
    std::swap(sizes[a], sizes[b]);
    std::swap(strides[a], strides[b]);
  }
  return restrided(self, sizes, strides);
}

Tensor permute_view(const Tensor& self, IntList dims) {
  TS_CHECK(static_cast<int>(dims.size()) == self.dim(), ShapeError, describe(self), " has ", self.dim(),
           " dimensions, but dims has ", dims.size());
  Dims sizes = self.sizes();
  Dims strides = self.strides();
  std::uint32_t seen = 0;
  for (int i = 0; i < self.dim(); ++i) {
    const int from = normalize_dim(dims[static_cast<std::size_t>(i)], self.dim());
    TS_CHECK(!(seen >> from & 1u), ValueError, "dims ", Dims(dims).to_string(), " names dimension ", from, " twice");
    seen |= 1u << from;
    sizes[i] = self.sizes()[from];
    strides[i] = self.strides()[from];
  }
  return restrided(self, sizes, strides);
}

Tensor expand_view(const Tensor& self, IntList size) {
  Dims sizes(size);
  const int lead = sizes.size() - self.dim();
  TS_CHECK(lead >= 0, ShapeError, "size ", sizes.to_string(), " has fewer dimensions than ", describe(self));
  Dims strides = Dims::filled(size.size(), 0);
  for (int i = 0; i < sizes.size(); ++i) {
    const std::int64_t have = i < lead ? 1 : self.sizes()[i - lead];
    if (sizes[i] == -1) {
      TS_CHECK(i >= lead, ShapeError, "-1 in ", Dims(size).to_string(), " is not allowed for a new dimension");
      sizes[i] = have;
    }
    TS_CHECK(sizes[i] == have || (have == 1 && sizes[i] >= 0), ShapeError, describe(self), " cannot be expanded to ",
             Dims(size).to_string(), ": size ", have, " at dimension ", i, " is neither 1 nor ", sizes[i]);
    if (i >= lead) strides[i] = have == 1 && sizes[i] != 1 ? 0 : self.strides()[i - lead];
  }
  return restrided(self, sizes, strides);
}

Tensor squeeze_view(const Tensor& self, OptionalInt dim) {
  const int only = dim ? normalize_dim(*dim, self.dim()) : -1;
  Dims sizes;
  Dims strides;
  for (int i = 0; i < self.dim(); ++i) {
    if (self.sizes()[i] == 1 && (!dim || i == only)) continue;
    sizes.push_back(self.sizes()[i]);
    strides.push_back(self.strides()[i]);
  }
  return restrided(self, sizes, strides);
}

Tensor unsqueeze_view(const Tensor& self, std::int64_t dim) {
  const int at = normalize_dim(dim, self.dim() + 1);
  Dims sizes = self.sizes();
  Dims strides = self.strides();
  const std::int64_t stride = at < self.dim() ? sizes[at] * strides[at] : 1;
  sizes.insert(at, 1);
  strides.insert(at, stride);
  return restrided(self, sizes, strides);
}

Tensor select_view(const Tensor& self, std::int64_t dim, std::int64_t index) {
  TS_CHECK(self.dim() > 0, IndexError, "a 0-d tensor has no dimension to select from");
  const int d = normalize_dim(dim, self.dim());
  const std::int64_t size = self.sizes()[d];
  TS_CHECK(index >= -size && index < size, IndexError, "index ", index, " is out of range for dimension ", d,
           " of size ", size);
  Dims sizes = self.sizes();
  Dims strides = self.strides();
  const std::int64_t offset = self.storage_offset() + (index < 0 ? index + size : index) * strides[d];
  sizes.erase(d);
  strides.erase(d);
  return view_of(self, sizes, strides, offset);
}

Tensor slice_view(const Tensor& self, std::int64_t dim, OptionalInt start, OptionalInt end, std::int64_t step) {
  TS_CHECK(self.dim() > 0, IndexError, "a 0-d tensor has no dimension to slice");
  TS_CHECK(step > 0, ValueError, "step must be positive, got ", step);
  const int d = normalize_dim(dim, self.dim());
  const std::int64_t size = self.sizes()[d];
  const auto bound = [size](std::int64_t at) { return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size); };
  const std::int64_t first = bound(start.value_or(0));
  const std::int64_t last = std::max(first, bound(end.value_or(size)));
  Dims sizes = self.sizes();
  Dims strides = self.strides();
  sizes[d] = last > first ? (last - first - 1) / step + 1 : 0;
  const std::int64_t offset = self.storage_offset() + first * strides[d];
  strides[d] *= std::min(step, std::max<std::int64_t>(size, 1));  // a longer step selects one element as well
  return view_of(self, sizes, strides, offset);
}

namespace {

struct Windows {
  int dimension;
  std::int64_t count;
};

Windows windows_of(const Dims& sizes, std::int64_t dimension, std::int64_t size, std::int64_t step) {
  const int d = normalize_dim(dimension, sizes.size());
  const std::int64_t length = sizes.empty() ? 1 : sizes[d];
  TS_CHECK(size >= 0 && size <= length, ValueError, "size must be in [0, ", length, "], the length of dimension ", d,
           ", got ", size);
  TS_CHECK(step > 0, ValueError, "step must be positive, got ", step);
  return {d, (length - size) / step + 1};
}

}  // namespace

// A scalar is treated as one window with one element.
Tensor unfold_view(const Tensor& self, std::int64_t dimension, std::int64_t size, std::int64_t step) {
  const Windows windows = windows_of(self.sizes(), dimension, size, step);
  Dims sizes = self.sizes(), strides = self.strides();
  sizes.push_back(size);
  strides.push_back(self.dim() == 0 ? 1 : self.strides()[windows.dimension]);
  if (self.dim() > 0) {
    sizes[windows.dimension] = windows.count;
    if (windows.count > 1) strides[windows.dimension] *= step;  // for a single window the step does not matter
  }
  return view_of(self, sizes, strides, self.storage_offset());
}

// Adds every element of a window to the element that it is a view of.
Tensor unfold_backward(const Tensor& grad, const Dims& sizes, std::int64_t dimension, std::int64_t size,
                       std::int64_t step) {
  const Windows windows = windows_of(sizes, dimension, size, step);
  Dims strides = contiguous_strides(sizes);
  strides.push_back(sizes.empty() ? 1 : strides[windows.dimension]);
  if (!sizes.empty() && windows.count > 1) strides[windows.dimension] *= step;
  return as_strided_backward(grad, sizes, grad.sizes(), strides, 0);
}

Tensor as_strided_view(const Tensor& self, IntList size, IntList stride, OptionalInt storage_offset) {
  TS_CHECK(size.size() == stride.size(), ShapeError, "size has ", size.size(), " entries, stride ", stride.size());
  const std::int64_t offset = storage_offset.value_or(self.storage_offset());
  TS_CHECK(offset >= 0, ValueError, "`storage_offset` must not be negative, got ", offset);
  std::int64_t last = offset;
  bool is_empty = false;
  for (std::size_t i = 0; i < size.size(); ++i) {
    TS_CHECK(size[i] >= 0, ShapeError, "sizes must not be negative, got ", Dims(size).to_string());
    TS_CHECK(stride[i] >= 0, ValueError, "strides must not be negative, got ", Dims(stride).to_string());
    is_empty = is_empty || size[i] == 0;
    std::int64_t reach = 0;
    TS_CHECK(!__builtin_mul_overflow(size[i] - 1, stride[i], &reach) && !__builtin_add_overflow(last, reach, &last),
             ShapeError, "sizes ", Dims(size).to_string(), " with strides ", Dims(stride).to_string(),
             " exceed the address space");
  }
  const std::int64_t capacity = self.impl()->storage->bytes() / item_size(self.dtype());
  TS_CHECK(is_empty || last < capacity, ShapeError, "element ", last, " lies outside the storage of ", capacity,
           " elements");
  return view_of(self, size, stride, offset);
}

Tensor flatten_composite(const Tensor& self, std::int64_t start_dim, std::int64_t end_dim) {
  const int start = normalize_dim(start_dim, self.dim());
  const int end = normalize_dim(end_dim, self.dim());
  TS_CHECK(start <= end, ValueError, "`start_dim` ", start_dim, " comes after `end_dim` ", end_dim);
  if (self.dim() == 0) return reshape(self, {1});
  Dims shape;
  for (int i = 0; i < start; ++i) shape.push_back(self.sizes()[i]);
  std::int64_t merged = 1;
  for (int i = start; i <= end; ++i) merged = wrapping_product(merged, self.sizes()[i]);
  shape.push_back(merged);
  for (int i = end + 1; i < self.dim(); ++i) shape.push_back(self.sizes()[i]);
  return reshape(self, shape);
}

Tensor t_composite(const Tensor& self) {
  if (self.dim() < 2) return alias(self);
  TS_CHECK(self.dim() == 2, ShapeError, "expected a tensor with at most 2 dimensions, got ", describe(self),
           "; use transpose or permute");
  return transpose(self, 0, 1);
}

Tensor narrow_composite(const Tensor& self, std::int64_t dim, std::int64_t start, std::int64_t length) {
  TS_CHECK(self.dim() > 0, IndexError, "a 0-d tensor has no dimension to narrow");
  const std::int64_t size = self.size(dim);
  TS_CHECK(length >= 0, ValueError, "length must not be negative, got ", length);
  TS_CHECK(start >= -size && start <= size, IndexError, "start ", start, " is out of range for size ", size);
  const std::int64_t first = start < 0 ? start + size : start;
  TS_CHECK(length <= size - first, IndexError, "start ", start, " and length ", length, " exceed size ", size);
  return slice(self, dim, first, first + length);
}
Tensor narrow_composite(const Tensor& self, std::int64_t dim, const Tensor& start, std::int64_t length) {
  TS_CHECK(start.dim() == 0 && !is_floating(start.dtype()) && start.dtype() != DType::Bool, DTypeError,
           "start must be a 0-d integer tensor, got ", describe(start));
  return narrow(self, dim, host_value<std::int64_t>(start), length);
}

void check_part_count(std::int64_t count) {
  TS_CHECK(count <= kMaxParts, ValueError, "the result would be ", count, " tensors, more than the ", kMaxParts,
           " that one call returns; reshape instead, or take parts of it with slices");
}

TensorList unbind_composite(const Tensor& self, std::int64_t dim) {
  TS_CHECK(self.dim() > 0, ShapeError, "a 0-d tensor has no dimension to unbind");
  check_part_count(self.size(dim));
  TensorList slices;
  for (std::int64_t i = 0; i < self.size(dim); ++i) slices.push_back(select(self, dim, i));
  return slices;
}

TensorList split_composite(const Tensor& self, std::int64_t split_size, std::int64_t dim) {
  TS_CHECK(self.dim() > 0, ShapeError, "a 0-d tensor has no dimension to split");
  const std::int64_t size = self.size(dim);
  TS_CHECK(split_size > 0 || (split_size == 0 && size == 0), ValueError, "`split_size` must be positive, got ",
           split_size);
  if (size == 0) return {slice(self, dim, 0, 0)};
  const std::int64_t count = size / split_size + (size % split_size != 0 ? 1 : 0);
  check_part_count(count);
  TensorList pieces;
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t at = i * split_size;
    pieces.push_back(slice(self, dim, at, at + std::min(split_size, size - at)));
  }
  return pieces;
}

TensorList split_composite(const Tensor& self, IntList sizes, std::int64_t dim) {
  TS_CHECK(self.dim() > 0, ShapeError, "a 0-d tensor has no dimension to split");
  TensorList pieces;
  std::int64_t at = 0;
  for (const std::int64_t size : sizes) {
    TS_CHECK(size >= 0 && size <= self.size(dim) - at, ShapeError, "the sizes do not add up to ", self.size(dim),
             ", the size of dimension ", dim);
    pieces.push_back(slice(self, dim, at, at + size));
    at += size;
  }
  TS_CHECK(at == self.size(dim), ShapeError, "the sizes add up to ", at, ", not to ", self.size(dim),
           ", the size of dimension ", dim);
  return pieces;
}

}  // namespace ts
