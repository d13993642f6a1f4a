// Selecting and replacing elements by places and masks. A place in a tensor of several dimensions becomes one number, its
// row-major position, so that index_select and its relatives along one dimension do the work.
#include <algorithm>

#include "ops/functions.h"

namespace ts {

namespace {

// A mask's shape must be that of the leading dimensions it stands for.
void check_mask(const Tensor& self, const Tensor& mask, int at) {
  TS_CHECK(at + mask.dim() <= self.dim(), IndexError, "the mask ", describe(mask), " has too many dimensions for ",
           describe(self));
  for (int i = 0; i < mask.dim(); ++i) {
    TS_CHECK(mask.sizes()[i] == self.sizes()[at + i], IndexError, "the mask ", describe(mask), " does not fit ",
             describe(self), " from dimension ", at, " on");
  }
}

// Indices for the leading dimensions, masks turned into the places where they hold, broadcast to one shape.
TensorList leading_indices(const Tensor& self, Span<const Tensor> indices) {
  TensorList places;
  for (const Tensor& index : indices) {
    if (index.dtype() == DType::Bool || index.dtype() == DType::UInt8) {
      check_mask(self, index, static_cast<int>(places.size()));
      for (const Tensor& column : unbind(nonzero(index), 1)) places.push_back(column);
    } else {
      places.push_back(index_input(index));
    }
  }
  TS_CHECK(!places.empty(), IndexError, "needs at least one index");
  TS_CHECK(static_cast<int>(places.size()) <= self.dim(), IndexError, "there are ", places.size(), " indices for ",
           describe(self));
  return places;
}

struct Places {
  Tensor flat;         // row-major positions among the leading dimensions
  Dims shape;          // of the indices, broadcast
  std::int64_t count;  // of all positions there are
  int dims;            // leading dimensions
};

Places positions(const Tensor& self, Span<const Tensor> indices) {
  const NoGrad no_grad;
  const TensorList places = leading_indices(self, indices);
  Places found{Tensor(), {}, 1, static_cast<int>(places.size())};
  for (int d = 0; d < found.dims; ++d) {
    const Tensor& place = places[static_cast<std::size_t>(d)];
    const std::int64_t size = self.sizes()[d];
    const bool inside = place.numel() == 0 || (min(place).item<std::int64_t>() >= -size &&
                                               max(place).item<std::int64_t>() < size);
    TS_CHECK(inside, IndexError, "the index for dimension ", d, " reaches outside its size ", size);
    const Tensor wrapped = where(place < 0, place + Scalar(size), place);
    found.flat = d == 0 ? wrapped : found.flat * Scalar(size) + wrapped;
    found.count *= size;
  }
  found.shape = found.flat.sizes();
  found.flat = flatten(found.flat);
  return found;
}

// (positions, what lies behind each)
Tensor by_position(const Tensor& self, const Places& places) {
  std::int64_t rest = 1;
  for (int i = places.dims; i < self.dim(); ++i) rest *= self.sizes()[i];
  return reshape(self, {places.count, rest});
}

// The sizes behind the leading dimensions, after those of the indices.
Dims selected_shape(const Tensor& self, const Places& places) {
  Dims shape = places.shape;
  for (int i = places.dims; i < self.dim(); ++i) shape.push_back(self.sizes()[i]);
  return shape;
}

// `index`, a vector, stretched to the shape of `slices` along dim.
Tensor index_like(const Tensor& index, const Dims& slices, int dim) {
  if (slices.empty()) return reshape(index, {});
  Dims along = Dims::filled(static_cast<std::size_t>(slices.size()), 1);
  along[dim] = index.numel();
  return expand(reshape(index, along), slices);
}

}  // namespace

Tensor nonzero_composite(const Tensor& self) {
  const NoGrad no_grad;
  const Tensor mask = contiguous(self != 0);
  return nonzero_places(mask, sum(mask).item<std::int64_t>());
}

Tensor index_composite(const Tensor& self, Span<const Tensor> indices) {
  const Places places = positions(self, indices);
  return reshape(index_select(by_position(self, places), 0, places.flat), selected_shape(self, places));
}

Tensor index_put_composite(const Tensor& self, Span<const Tensor> indices, const Tensor& values, bool accumulate) {
  TS_CHECK(values.dtype() == self.dtype(), DTypeError, "values, ", describe(values), ", must be of the type of self, ",
           describe(self));
  const Places places = positions(self, indices);
  const Tensor flat = by_position(self, places);
  const Tensor source = reshape(expand(values, selected_shape(self, places)), {places.flat.numel(), flat.size(1)});
  return reshape(accumulate ? index_add(flat, 0, places.flat, source) : index_copy(flat, 0, places.flat, source),
                 self.sizes());
}

Tensor take_composite(const Tensor& self, const Tensor& index) {
  const Tensor places = index_input(index);
  TS_CHECK(self.numel() > 0 || places.numel() == 0, IndexError, "nothing can be taken from ", describe(self));
  return reshape(index_select(flatten(self), 0, flatten(places)), index.sizes());
}

Tensor take_along_dim_composite(const Tensor& self, const Tensor& indices, OptionalInt dim) {
  if (!dim) return gather(flatten(self), 0, flatten(indices));
  TS_CHECK(self.dim() == indices.dim(), ShapeError, "indices, ", describe(indices),
           ", must have as many dimensions as self, ", describe(self));
  const int d = normalize_dim(*dim, self.dim());
  if (self.dim() == 0) return gather(self, 0, indices);
  // Both broadcast, but for dim.
  Dims own = self.sizes(), other = indices.sizes();
  own[d] = other[d] = 1;
  Dims shape = broadcast_shapes(own, other);
  Dims from = shape, at = shape;
  from[d] = self.sizes()[d];
  at[d] = indices.sizes()[d];
  return gather(expand(self, from), d, expand(indices, at));
}

Tensor masked_select_composite(const Tensor& self, const Tensor& mask) {
  TS_CHECK(mask.dtype() == DType::Bool || mask.dtype() == DType::UInt8, DTypeError, "mask must be bool, got ",
           describe(mask));
  const Dims shape = broadcast_shapes(self.sizes(), mask.sizes());
  return index_select(flatten(expand(self, shape)), 0, flatten(nonzero(flatten(expand(mask, shape)))));
}

Tensor masked_scatter_composite(const Tensor& self, const Tensor& mask, const Tensor& source) {
  TS_CHECK(mask.dtype() == DType::Bool || mask.dtype() == DType::UInt8, DTypeError, "mask must be bool, got ",
           describe(mask));
  TS_CHECK(source.dtype() == self.dtype(), DTypeError, "source, ", describe(source), ", must be of the type of self, ",
           describe(self));
  const Dims shape = broadcast_shapes(self.sizes(), mask.sizes());
  const Tensor places = flatten(nonzero(flatten(expand(mask, shape))));
  TS_CHECK(source.numel() >= places.numel(), ValueError, "mask holds ", places.numel(), " times, but source, ",
           describe(source), ", has fewer elements");
  const Tensor values = slice(flatten(source), 0, 0, places.numel());
  return reshape(index_copy(flatten(expand(self, shape)), 0, places, values), shape);
}

Tensor scatter_value(const Tensor& self, std::int64_t dim, const Tensor& index, const Scalar& value) {
  return scatter(self, dim, index, full_composite(index.sizes(), value, self.dtype()));
}

Tensor index_copy_composite(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& source) {
  const int d = normalize_dim(dim, self.dim());
  TS_CHECK(index.dim() <= 1, ShapeError, "index must be a vector, got ", describe(index));
  Dims slices = self.sizes();
  if (!slices.empty()) slices[d] = index.numel();
  TS_CHECK(source.sizes() == slices || (source.numel() == 1 && product(slices) == 1), ShapeError, "source, ",
           describe(source), ", must have the shape ", slices.to_string());
  return scatter(self, d, index_like(index, slices, d), reshape(source, slices));
}

Tensor index_fill_composite(const Tensor& self, std::int64_t dim, const Tensor& index, const Scalar& value) {
  const int d = normalize_dim(dim, self.dim());
  TS_CHECK(index.dim() <= 1, ShapeError, "index must be a vector, got ", describe(index));
  Dims slices = self.sizes();
  if (!slices.empty()) slices[d] = index.numel();
  return scatter_value(self, d, index_like(index_input(index), slices, d), value);
}

Tensor index_fill_tensor(const Tensor& self, std::int64_t dim, const Tensor& index, const Tensor& value) {
  TS_CHECK(value.dim() == 0, ShapeError, "value must be a tensor without dimensions, got ", describe(value));
  const int d = normalize_dim(dim, self.dim());
  Dims slices = self.sizes();
  if (!slices.empty()) slices[d] = index.numel();
  const Tensor places = index_like(index_input(index), slices, d);
  return scatter(self, d, places, expand(to(value, self.dtype()), places.sizes()));
}

// A copy of self with a view of it overwritten.
Tensor select_scatter_composite(const Tensor& self, const Tensor& src, std::int64_t dim, std::int64_t index) {
  const Tensor result = clone(self);
  const Tensor place = select(result, dim, index);
  TS_CHECK(place.sizes() == src.sizes(), ShapeError, "src, ", describe(src), ", must have the shape ",
           place.sizes().to_string());
  copy_(place, src);
  return result;
}

Tensor one_hot_composite(const Tensor& self, std::int64_t num_classes) {
  TS_CHECK(self.dtype() == DType::Int64, DTypeError, "takes int64 classes, got ", describe(self));
  TS_CHECK(self.numel() > 0 || num_classes > 0, ValueError, "the number of classes cannot be told from no elements");
  TS_CHECK(self.numel() == 0 || min(self).item<std::int64_t>() >= 0, ValueError, "classes must not be negative");
  std::int64_t classes = num_classes;
  if (self.numel() > 0) {
    const std::int64_t largest = max(self).item<std::int64_t>();
    if (classes == -1) classes = largest + 1;
    TS_CHECK(largest < classes, ValueError, "class ", largest, " is not below num_classes, ", classes);
  }
  return to(unsqueeze(self, -1) == arange_composite(0, classes, 1, DType::Int64), DType::Int64);
}

}  // namespace ts
