// Operators that rearrange elements: repeating, joining, splitting, flipping, diagonals and triangles. All are composed
// of views, cat and index_select, and are differentiable through these.
#include "ops/rearrange.h"

#include <algorithm>
#include <limits>

#include "generated/functions/creation.g.h"
#include "generated/functions/linear_algebra.g.h"
#include "generated/functions/views_and_indexing.g.h"
#include "ops/argument_types.h"
#include "ops/prepare.h"
#include "ops/views.h"
#include "tensor/host_access.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/arange.g.h"
#include "torchscratch/ops/cat.g.h"
#include "torchscratch/ops/clone.g.h"
#include "torchscratch/ops/copy.g.h"
#include "torchscratch/ops/cumsum.g.h"
#include "torchscratch/ops/diagonal.g.h"
#include "torchscratch/ops/expand.g.h"
#include "torchscratch/ops/flatten.g.h"
#include "torchscratch/ops/index_select.g.h"
#include "torchscratch/ops/min.g.h"
#include "torchscratch/ops/pad.g.h"
#include "torchscratch/ops/permute.g.h"
#include "torchscratch/ops/reshape.g.h"
#include "torchscratch/ops/searchsorted.g.h"
#include "torchscratch/ops/select.g.h"
#include "torchscratch/ops/slice.g.h"
#include "torchscratch/ops/split.g.h"
#include "torchscratch/ops/sum.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/ops/transpose.g.h"
#include "torchscratch/ops/unsqueeze.g.h"
#include "torchscratch/ops/view.g.h"
#include "torchscratch/ops/where.g.h"
#include "torchscratch/tensor.h"

namespace ts {

namespace {

// Larger than any tensor that fits in memory, yet small enough that the sum of a few such sizes does not overflow.
constexpr std::int64_t kMaxSize = std::int64_t{1} << 48;

// The integers [first, last) as a vector.
Tensor counted(std::int64_t first, std::int64_t last, Device device) {
  return arange_composite(first, last, 1, DType::Int64, device);
}

// All tensors, each extended to at least `count` dimensions.
template <class Pad>
TensorList at_least(Span<const Tensor> tensors, Pad pad) {
  TS_CHECK(!tensors.empty(), ValueError, "expected at least one tensor");
  TensorList padded;
  for (const Tensor& tensor : tensors) padded.push_back(pad(tensor));
  return padded;
}

Tensor at_least_1d(const Tensor& tensor) { return tensor.dim() == 0 ? reshape(tensor, {1}) : tensor; }
Tensor at_least_2d(const Tensor& tensor) { return tensor.dim() < 2 ? unsqueeze(at_least_1d(tensor), 0) : tensor; }
Tensor at_least_3d(const Tensor& tensor) { return tensor.dim() < 3 ? unsqueeze(at_least_2d(tensor), -1) : tensor; }

}  // namespace

// ---- Repeating ----

// Every dimension n becomes (repeats, n), expanded along the first and merged.
Tensor repeat_composite(const Tensor& self, IntList repeats) {
  const int lead = static_cast<int>(repeats.size()) - self.dim();
  TS_CHECK(lead >= 0, ShapeError, "repeats ", Dims(repeats).to_string(), " has fewer numbers than ", describe(self),
           " has dimensions");
  Dims split, stretched, merged;
  for (int i = 0; i < lead + self.dim(); ++i) {
    const std::int64_t size = i < lead ? 1 : self.sizes()[i - lead];
    const std::int64_t times = repeats[static_cast<std::size_t>(i)];
    TS_CHECK(times >= 0, ValueError, "repeats must not be negative, got ", Dims(repeats).to_string());
    TS_CHECK(times <= kMaxSize / std::max<std::int64_t>(1, size), ShapeError, "repeats ", Dims(repeats).to_string(),
             " gives a tensor that is too large");
    split.push_back(1);
    split.push_back(size);
    stretched.push_back(times);
    stretched.push_back(size);
    merged.push_back(times * size);
  }
  return reshape(clone(expand(reshape(self, split), stretched)), merged);
}

Tensor tile_composite(const Tensor& self, IntList dims) {
  Dims repeats(dims);
  while (repeats.size() < self.dim()) repeats.insert(0, 1);
  return repeat_composite(self, repeats);
}

Tensor repeat_interleave_composite(const Tensor& self, std::int64_t repeats, OptionalInt dim) {
  TS_CHECK(repeats >= 0, ValueError, "repeats must not be negative, got ", repeats);
  const Tensor source = dim ? self : flatten(self);
  const int d = dim ? normalize_dim(*dim, self.dim()) : 0;
  Dims stretched = unsqueeze(source, d + 1).sizes();
  stretched[d + 1] = repeats;
  return flatten(clone(expand(unsqueeze(source, d + 1), stretched)), d, d + 1);
}

namespace {

// The indices i = 0, 1, ..., each repeated counts[i] times.
Tensor repeated_indices(const Tensor& counts) {
  const NoGrad no_grad;
  if (counts.numel() == 0) return empty({0}, DType::Int64, counts.device());
  const auto least = host_value<std::int64_t>(min(counts));
  TS_CHECK(least >= 0, ValueError, "repeats must not be negative, got ", least);
  TS_CHECK(host_value<double>(sum(to(counts, DType::Float64))) < 0x1p63, ValueError,
           "the sum of repeats exceeds the range of int64");
  const Tensor ends = cumsum(reshape(counts, {-1}), 0);
  const Tensor position = arange(host_value<std::int64_t>(select(ends, 0, -1)), DType::Int64, counts.device());
  return searchsorted(ends, position, false, /*right=*/true);
}

}  // namespace

Tensor repeat_interleave_composite(const Tensor& self, const Tensor& repeats, OptionalInt dim) {
  TS_CHECK(repeats.dim() <= 1, ShapeError, "repeats must be a vector, got ", describe(repeats));
  const Tensor source = dim ? self : flatten(self);
  const int d = dim ? normalize_dim(*dim, self.dim()) : 0;
  const Tensor counts = index_input(repeats);
  const std::int64_t size = source.size(d);
  TS_CHECK(counts.numel() == size || counts.numel() == 1, ShapeError, "repeats ", describe(repeats),
           " must have one element, or one for each of the ", size, " slices of ", describe(source));
  return index_select(source, d, repeated_indices(counts.numel() == size ? counts : expand(counts, {size})));
}

// ---- Joining and splitting ----

Tensor hstack_composite(Span<const Tensor> tensors) {
  const TensorList rows = at_least(tensors, at_least_1d);
  return cat(rows, rows[0].dim() == 1 ? 0 : 1);
}
Tensor vstack_composite(Span<const Tensor> tensors) { return cat(at_least(tensors, at_least_2d), 0); }
Tensor dstack_composite(Span<const Tensor> tensors) { return cat(at_least(tensors, at_least_3d), 2); }

Tensor column_stack_composite(Span<const Tensor> tensors) {
  return cat(at_least(tensors, [](const Tensor& x) { return x.dim() < 2 ? reshape(x, {x.numel(), 1}) : x; }), 1);
}

Tensor block_diag_composite(Span<const Tensor> tensors) {
  const TensorList blocks = at_least(tensors, at_least_2d);
  std::int64_t columns = 0;
  for (const Tensor& block : blocks) {
    TS_CHECK(block.dim() == 2, ShapeError, "expected tensors with at most two dimensions, got ", describe(block));
    columns += block.size(1);
  }
  TensorList rows;
  std::int64_t at = 0;
  for (const Tensor& block : blocks) {
    const std::int64_t height = block.size(0), after = columns - at - block.size(1);
    rows.push_back(
        cat({zeros_composite({height, at}, block.dtype(), block.device()), block, zeros_composite({height, after}, block.dtype(), block.device())}, 1));
    at += block.size(1);
  }
  return cat(rows, 0);
}

TensorList chunk_composite(const Tensor& self, std::int64_t chunks, std::int64_t dim) {
  TS_CHECK(chunks > 0, ValueError, "chunks must be positive, got ", chunks);
  TS_CHECK(self.dim() > 0, ShapeError, "expected a tensor with at least one dimension, got ", describe(self));
  const std::int64_t size = self.size(dim);
  if (size == 0) {
    check_part_count(chunks);
    return TensorList(static_cast<std::size_t>(chunks), self);
  }
  return split(self, size / chunks + (size % chunks != 0 ? 1 : 0), dim);
}

TensorList tensor_split_composite(const Tensor& self, std::int64_t sections, std::int64_t dim) {
  TS_CHECK(sections > 0, ValueError, "the number of sections must be positive, got ", sections);
  TS_CHECK(self.dim() > 0, ShapeError, "expected a tensor with at least one dimension, got ", describe(self));
  check_part_count(sections);
  const std::int64_t size = self.size(dim), length = size / sections, longer = size % sections;
  TensorList pieces;
  std::int64_t at = 0;
  for (std::int64_t i = 0; i < sections; ++i) {
    const std::int64_t end = at + length + (i < longer ? 1 : 0);
    pieces.push_back(slice(self, dim, at, end));
    at = end;
  }
  return pieces;
}

TensorList tensor_split_composite(const Tensor& self, IntList indices, std::int64_t dim) {
  TS_CHECK(self.dim() > 0, ShapeError, "expected a tensor with at least one dimension, got ", describe(self));
  TensorList pieces;
  std::int64_t at = 0;
  for (const std::int64_t end : indices) {
    pieces.push_back(slice(self, dim, at, end));
    at = end;
  }
  pieces.push_back(slice(self, dim, at, std::nullopt));
  return pieces;
}

TensorList tensor_split_composite(const Tensor& self, const Tensor& indices_or_sections, std::int64_t dim) {
  TS_CHECK(indices_or_sections.dim() <= 1, ShapeError, "`indices_or_sections` must be a number or a vector, got ",
           describe(indices_or_sections));
  const Tensor numbers = index_input(indices_or_sections);
  if (numbers.dim() == 0) return tensor_split_composite(self, host_value<std::int64_t>(numbers), dim);
  return tensor_split_composite(self, host_values<std::int64_t>(numbers), dim);
}

int split_dim(const Tensor& self, int dim, int least) {
  TS_CHECK(self.dim() >= least, ShapeError, "expected a tensor with at least ", least, " dimensions, got ",
           describe(self));
  return self.dim() == 1 ? 0 : dim;
}

TensorList split_evenly(const Tensor& self, std::int64_t sections, std::int64_t dim) {
  TS_CHECK(sections > 0 && self.size(dim) % sections == 0, ValueError, "dimension ", dim, " of ", describe(self),
           " cannot be split into ", sections, " equal sections");
  return tensor_split_composite(self, sections, dim);
}

TensorList meshgrid_composite(Span<const Tensor> tensors, MeshIndexing indexing) {
  TS_CHECK(!tensors.empty(), ValueError, "expected at least one tensor");
  Dims shape;
  for (const Tensor& axis : tensors) {
    TS_CHECK(axis.dim() <= 1, ShapeError, "expected vectors, got ", describe(axis));
    TS_CHECK(axis.dtype() == tensors[0].dtype(), DTypeError, "all tensors must have the same dtype, got ",
             describe(tensors[0]), " and ", describe(axis));
    shape.push_back(axis.numel());
  }
  TensorList grids;
  for (int i = 0; i < shape.size(); ++i) {
    Dims along = Dims::filled(static_cast<std::size_t>(shape.size()), 1);
    along[i] = shape[i];
    const Tensor grid = expand(reshape(tensors[static_cast<std::size_t>(i)], along), shape);
    grids.push_back(indexing == MeshIndexing::Xy && shape.size() > 1 ? transpose(grid, 0, 1) : grid);
  }
  return grids;
}

// ---- Reordering dimensions and elements ----

Tensor movedim_composite(const Tensor& self, IntList source, IntList destination) {
  TS_CHECK(source.size() == destination.size(), ValueError, "source and destination must have the same length, got ",
           source.size(), " and ", destination.size());
  const int dims = self.dim();
  Dims order = Dims::filled(static_cast<std::size_t>(dims), -1);
  std::uint32_t moved = 0;
  for (std::size_t i = 0; i < source.size(); ++i) {
    const int from = normalize_dim(source[i], dims), to_index = normalize_dim(destination[i], dims);
    if (dims == 0) return self;
    TS_CHECK(!(moved >> from & 1u), ValueError, "source ", Dims(source).to_string(), " names dimension ", from,
             " twice");
    TS_CHECK(order[to_index] < 0, ValueError, "destination ", Dims(destination).to_string(), " names dimension ",
             to_index, " twice");
    moved |= 1u << from;
    order[to_index] = from;
  }
  int next = 0;
  for (int i = 0; i < dims; ++i) {
    if (order[i] >= 0) continue;
    while (moved >> next & 1u) ++next;
    order[i] = next++;
  }
  return permute(self, order);
}

Tensor unflatten_composite(const Tensor& self, std::int64_t dim, IntList sizes) {
  const int d = normalize_dim(dim, self.dim());
  TS_CHECK(self.dim() > 0 && !sizes.empty(), ShapeError,
           "expected a tensor with at least one dimension and a list of sizes, got ", describe(self), " and ",
           Dims(sizes).to_string());
  Dims resolved(sizes);
  std::int64_t known = 1;
  int unknown = -1;
  for (int i = 0; i < resolved.size(); ++i) {
    // No size exceeds the dimension that it divides, so nothing below overflows.
    TS_CHECK(resolved[i] == -1 || (resolved[i] >= 0 && resolved[i] <= self.sizes()[d] && known <= self.sizes()[d]),
             ShapeError, "sizes ", Dims(sizes).to_string(), " do not multiply to the size of dimension ", d, " of ",
             describe(self));
    if (resolved[i] == -1) unknown = i;
    else known *= resolved[i];
  }
  if (unknown >= 0 && known > 0) resolved[unknown] = self.sizes()[d] / known;
  TS_CHECK(product(resolved) == self.sizes()[d], ShapeError, "sizes ", Dims(sizes).to_string(),
           " do not multiply to the size of dimension ", d, " of ", describe(self));
  Dims shape;
  for (int i = 0; i < d; ++i) shape.push_back(self.sizes()[i]);
  for (const std::int64_t size : resolved) shape.push_back(size);
  for (int i = d + 1; i < self.dim(); ++i) shape.push_back(self.sizes()[i]);
  return view(self, shape);
}

Tensor flip_composite(const Tensor& self, IntList dims) {
  Tensor flipped = self;
  std::uint32_t seen = 0;
  for (const std::int64_t dim : dims) {
    const int d = normalize_dim(dim, self.dim());
    TS_CHECK(!(seen >> d & 1u), ValueError, "dims ", Dims(dims).to_string(), " names dimension ", d, " twice");
    seen |= 1u << d;
    if (self.dim() == 0) continue;
    flipped = index_select(flipped, d, arange_composite(self.sizes()[d] - 1, -1, -1, DType::Int64, self.device()));
  }
  return flipped.is_same(self) ? clone(self) : flipped;
}

Tensor flip_at_least(const Tensor& self, std::int64_t dim, int least) {
  TS_CHECK(self.dim() >= least, ShapeError, "expected a tensor with at least ", least, " dimensions, got ",
           describe(self));
  return flip_composite(self, {dim});
}

Tensor roll_composite(const Tensor& self, IntList shifts, OptionalInts dims) {
  TS_CHECK(!shifts.empty(), ValueError, "expected at least one shift");
  if (!dims || dims->empty()) {
    TS_CHECK(shifts.size() == 1, ValueError, "without dims exactly one shift is expected, got ", shifts.size());
    return reshape(roll_composite(flatten(self), shifts, IntList{0}), self.sizes());
  }
  TS_CHECK(shifts.size() == dims->size(), ValueError, "shifts and dims must have the same length, got ", shifts.size(),
           " and ", dims->size());
  Tensor rolled = self;
  for (std::size_t i = 0; i < shifts.size(); ++i) {
    const int d = normalize_dim((*dims)[i], self.dim());
    const std::int64_t size = self.dim() == 0 ? 0 : self.sizes()[d];
    if (size == 0) continue;
    const std::int64_t start = (size - shifts[i] % size) % size;
    rolled = cat({slice(rolled, d, start, std::nullopt), slice(rolled, d, 0, start)}, d);
  }
  return rolled.is_same(self) ? clone(self) : rolled;
}

Tensor rot90_composite(const Tensor& self, std::int64_t k, OptionalInts dims) {
  const std::int64_t plane[] = {dims ? (dims->size() > 0 ? (*dims)[0] : 0) : 0,
                                dims && dims->size() > 1 ? (*dims)[1] : 1};
  TS_CHECK(!dims || dims->size() == 2, ValueError, "dims must list two dimensions, got ", dims ? dims->size() : 0);
  TS_CHECK(self.dim() >= 2, ShapeError, "expected a tensor with at least two dimensions, got ", describe(self));
  const int a = normalize_dim(plane[0], self.dim()), b = normalize_dim(plane[1], self.dim());
  TS_CHECK(a != b, ValueError, "dims must list two different dimensions, got ", plane[0], " and ", plane[1]);
  switch ((k % 4 + 4) % 4) {
    case 1:
      return transpose(flip_composite(self, {b}), a, b);
    case 2:
      return flip_composite(self, {a, b});
    case 3:
      return transpose(flip_composite(self, {a}), a, b);
    default:
      return clone(self);
  }
}

// ---- Diagonals and triangles ----

Tensor diagonal_view(const Tensor& self, std::int64_t offset, std::int64_t dim1, std::int64_t dim2) {
  TS_CHECK(self.dim() >= 2, ShapeError, "expected a tensor with at least two dimensions, got ", describe(self));
  const int rows = normalize_dim(dim1, self.dim()), columns = normalize_dim(dim2, self.dim());
  TS_CHECK(rows != columns, ValueError, "dim1 and dim2 must differ, both are ", rows);
  const std::int64_t height = self.sizes()[rows] + std::min<std::int64_t>(offset, 0);
  const std::int64_t width = self.sizes()[columns] - std::max<std::int64_t>(offset, 0);
  const std::int64_t length = std::max<std::int64_t>(0, std::min(height, width));
  Dims sizes, strides;
  for (int i = 0; i < self.dim(); ++i) {
    if (i == rows || i == columns) continue;
    sizes.push_back(self.sizes()[i]);
    strides.push_back(self.strides()[i]);
  }
  sizes.push_back(length);
  strides.push_back(self.strides()[rows] + self.strides()[columns]);
  // For an empty diagonal the storage offset does not matter.
  const std::int64_t skipped = length == 0   ? 0
                               : offset >= 0 ? offset * self.strides()[columns]
                                             : -offset * self.strides()[rows];
  return view_of(self, sizes, strides, self.storage_offset() + skipped);
}

Tensor diagonal_backward(const Tensor& grad, const Dims& sizes, std::int64_t offset, std::int64_t dim1,
                         std::int64_t dim2) {
  const Tensor whole = zeros_composite(sizes, grad.dtype(), grad.device());
  copy_(diagonal(whole, offset, dim1, dim2), grad);
  return whole;
}

Tensor diag_embed_composite(const Tensor& self, std::int64_t offset, std::int64_t dim1, std::int64_t dim2) {
  TS_CHECK(self.dim() >= 1, ShapeError, "expected a tensor with at least one dimension, got ", describe(self));
  const int rows = normalize_dim(dim1, self.dim() + 1), columns = normalize_dim(dim2, self.dim() + 1);
  TS_CHECK(rows != columns, ValueError, "dim1 and dim2 must differ, both are ", rows);
  TS_CHECK(offset > -kMaxSize && offset < kMaxSize, ValueError, "offset ", offset, " gives a matrix that is too large");
  const std::int64_t side = self.sizes().back() + std::abs(offset);
  Dims sizes;
  for (int i = 0, next = 0; i <= self.dim(); ++i) {
    sizes.push_back(i == rows || i == columns ? side : self.sizes()[next++]);
  }
  return diagonal_backward(self, sizes, offset, rows, columns);
}

Tensor diag_composite(const Tensor& self, std::int64_t offset) {
  TS_CHECK(self.dim() == 1 || self.dim() == 2, ShapeError, "expected a vector or a matrix, got ", describe(self));
  return self.dim() == 1 ? diag_embed_composite(self, offset, 0, 1) : clone(diagonal(self, offset));
}

Tensor trace_composite(const Tensor& self) {
  TS_CHECK(self.dim() == 2, ShapeError, "expected a matrix, got ", describe(self));
  return sum(diagonal(self));
}

namespace {

// Whether column - row >= diagonal.
Tensor above_diagonal(const Tensor& self, std::int64_t diagonal) {
  TS_CHECK(self.dim() >= 2, ShapeError, "expected a tensor with at least two dimensions, got ", describe(self));
  const Tensor row = unsqueeze(counted(0, self.size(-2), self.device()), 1);
  return counted(0, self.size(-1), self.device()) - row >= Scalar(diagonal);
}

}  // namespace

Tensor triu_composite(const Tensor& self, std::int64_t diagonal) {
  return where(above_diagonal(self, diagonal), self, Scalar(false));
}
Tensor tril_composite(const Tensor& self, std::int64_t diagonal) {
  // There is no diagonal beyond the last column.
  const bool is_last = diagonal == std::numeric_limits<std::int64_t>::max();
  return where(above_diagonal(self, is_last ? diagonal : diagonal + 1), Scalar(false), self);
}

}  // namespace ts
