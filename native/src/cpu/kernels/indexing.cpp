// Moving elements by index: cat, index_select, index_add, gather, the scatter family and as_strided_backward.
//
// Indices are checked before anything is written. If several elements are added to the same destination, they are
// added in the order of the index tensor, whatever the number of threads: threads split the destination, never the
// index tensor.
#include <algorithm>
#include <cstring>
#include <limits>
#include <type_traits>

#include "backend/axis.h"
#include "backend/dispatch.h"
#include "cpu/kernels/addable.h"
#include "cpu/kernels/copy.h"
#include "cpu/thread_pool.h"
#include "generated/cpu/views_and_indexing.g.h"
#include "tensor/pool_vector.h"

namespace ts::cpu {
namespace {

// Refuses the first index outside [0, size).
void check_indices(const std::int64_t* index, std::int64_t count, std::int64_t size) {
  bool valid = true;
  for (std::int64_t i = 0; i < count; ++i) valid &= index[i] >= 0 && index[i] < size;
  if (valid) return;
  for (std::int64_t i = 0; i < count; ++i) {
    TS_CHECK(index[i] >= 0 && index[i] < size, IndexError, "index ", index[i], " at position ", i,
             " is out of range for a dimension of size ", size,
             index[i] < 0 && index[i] >= -size ? "; negative indices do not count from the end here" : "");
  }
}

// Copies `rows` pieces of `bytes` each; the sources and the destinations are evenly spaced.
void copy_pieces(char* to, std::int64_t to_stride, const char* from, std::int64_t from_stride, std::int64_t rows,
                 std::int64_t bytes) {
  // Long pieces are divided, so that threads can share even a single piece.
  constexpr std::int64_t kCut = 64 * 1024;
  const std::int64_t cuts = std::max<std::int64_t>(1, bytes / kCut);
  parallel_for(rows * cuts, grain_for_bytes(bytes / cuts), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) {
      const std::int64_t row = i / cuts, cut = i % cuts;
      const std::int64_t first = cut * bytes / cuts, last = (cut + 1) * bytes / cuts;
      std::memcpy(to + row * to_stride + first, from + row * from_stride + first,
                  static_cast<std::size_t>(last - first));
    }
  });
}

}  // namespace

void cat(const Tensor& result, Span<const Tensor> tensors, std::int64_t dim) {
  if (result.numel() == 0) return;
  const Axis whole = axis_of(result.sizes(), dim);
  const std::int64_t slice = whole.inner * item_size(result.dtype());
  char* to = elements<char>(result);
  for (const Tensor& tensor : tensors) {
    const Axis part = axis_of(tensor.sizes(), dim);
    if (part.numel() == 0) continue;
    const Tensor source = dense(tensor);
    copy_pieces(to, whole.size * slice, elements<char>(source), part.size * slice, whole.outer, part.size * slice);
    to += part.size * slice;
  }
}

void index_select(const Tensor& result, const Tensor& self, const Tensor& index, std::int64_t dim) {
  const Axis axis = axis_of(self.sizes(), dim);
  const std::int64_t count = index.numel();
  const std::int64_t* const indices = index.data<std::int64_t>();
  check_indices(indices, count, axis.size);
  if (result.numel() == 0) return;
  const auto select = [&]<class T>(std::int64_t length) {
    const T* const from = elements<T>(self);
    T* const to = elements<T>(result);
    parallel_for(axis.outer * count, grain_for_bytes(length * static_cast<std::int64_t>(sizeof(T))),
                 [&](std::int64_t begin, std::int64_t end) {
                   for (std::int64_t i = begin; i < end; ++i) {
                     const std::int64_t entry = indices[i % count];
                     const T* const slice = from + (i / count * axis.size + entry) * length;
                     if (length == 1) {
                       to[i] = *slice;
                     } else {
                       std::memcpy(to + i * length, slice, static_cast<std::size_t>(length) * sizeof(T));
                     }
                   }
                 });
  };
  dispatch_by_size(self.dtype(), [&]<class T>() { select.template operator()<T>(axis.inner); });
}

// Each range of slices of the result belongs to one thread, which reads the whole index and adds what falls into
// its range.
void index_add(const Tensor& result, const Tensor& self, const Tensor& index, const Tensor& source, std::int64_t dim) {
  const Axis axis = axis_of(self.sizes(), dim);
  const std::int64_t count = index.numel();
  const std::int64_t* const indices = index.data<std::int64_t>();
  check_indices(indices, count, axis.size);
  copy(result, self);
  if (result.numel() == 0 || source.numel() == 0) return;
  dispatch_addable(self.dtype(), [&]<class T>() {
    T* const to = elements<T>(result);
    const T* const from = elements<T>(source);
    const std::int64_t slices = axis.outer * axis.size;
    // Reading the index costs every range about as much as adding one element per entry.
    const std::int64_t work = axis.outer * count * axis.inner * static_cast<std::int64_t>(sizeof(T));
    const bool splits = axis.inner >= 8 && work >= 2 * kMinParallelBytes;
    const std::int64_t grain = splits ? std::max<std::int64_t>(1, slices / (2 * num_threads())) : slices;
    parallel_for(slices, grain, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t o = begin / axis.size; o * axis.size < end; ++o) {
        const std::int64_t low = begin - o * axis.size, high = end - o * axis.size;
        for (std::int64_t i = 0; i < count; ++i) {
          const std::int64_t entry = indices[i];
          if (entry < low || entry >= high) continue;
          T* const sum = to + (o * axis.size + entry) * axis.inner;
          const T* const addend = from + (o * count + i) * axis.inner;
          for (std::int64_t j = 0; j < axis.inner; ++j) add_to(sum[j], addend[j]);
        }
      }
    });
  });
}

namespace {

// Iterates over a dense index tensor, row by row of its last dimension, together with another tensor whose sizes are at
// least as large in every dimension except `dim`. A scalar counts as a vector of one element.
struct IndexRows {
  IndexRows(const Tensor& index, const Tensor& other, std::int64_t dim)
      : dims(std::max(1, index.dim())), at(normalize_dim(dim, dims)) {
    for (int i = 0; i < dims; ++i) {
      sizes[i] = index.dim() == 0 ? 1 : index.sizes()[i];
      other_sizes[i] = other.dim() == 0 ? 1 : other.sizes()[i];
    }
    std::int64_t stride = 1;
    for (int i = dims - 1; i >= 0; --i) {
      strides[i] = stride;
      stride = wrapping_product(stride, other_sizes[i]);
    }
    row_length = sizes[dims - 1];
    rows = row_length == 0 ? 0 : index.numel() / row_length;
  }

  // The offset of the row in the other tensor, without the part along dim, which the index supplies.
  std::int64_t base(std::int64_t row) const {
    std::int64_t offset = 0;
    for (int i = dims - 2; i >= 0; --i) {
      const std::int64_t entry = row % sizes[i];
      row /= sizes[i];
      if (i != at) offset += entry * strides[i];
    }
    return offset;
  }

  // The same for a tensor that is indexed like the index tensor itself, including dim.
  std::int64_t full_base(std::int64_t row) const {
    std::int64_t offset = 0;
    for (int i = dims - 2; i >= 0; --i) {
      offset += row % sizes[i] * strides[i];
      row /= sizes[i];
    }
    return offset;
  }

  // The step along the row: 1, or 0 if the index alone determines the position.
  std::int64_t step() const { return at == dims - 1 ? 0 : 1; }

  int dims, at;
  std::int64_t sizes[kMaxDims], other_sizes[kMaxDims], strides[kMaxDims];
  std::int64_t row_length, rows;
};

}  // namespace

// result[i][j][k] = self[index[i][j][k]][j][k], for dim = 0 of three dimensions
void gather(const Tensor& result, const Tensor& self, const Tensor& index, std::int64_t dim) {
  if (index.numel() == 0) return;
  const IndexRows walk(index, self, dim);
  const std::int64_t* const indices = index.data<std::int64_t>();
  const std::int64_t size = walk.other_sizes[walk.at], stride = walk.strides[walk.at], step = walk.step();
  check_indices(indices, index.numel(), size);
  dispatch_by_size(self.dtype(), [&]<class T>() {
    const T* const from = elements<T>(self);
    T* const to = elements<T>(result);
    parallel_for(walk.rows, grain_for_bytes(walk.row_length * 16), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin; row < end; ++row) {
        const T* const base = from + walk.base(row);
        const std::int64_t first = row * walk.row_length;
        for (std::int64_t j = 0; j < walk.row_length; ++j) {
          to[first + j] = base[indices[first + j] * stride + j * step];
        }
      }
    });
  });
}

// result = self; result[index[i][j][k]][j][k] += src[i][j][k], for dim = 0 of three dimensions
//
// Rows that differ in a dimension before dim never share a destination, so each may have its own thread. Within such a
// row, elements are added in the order of the index.
void scatter_add(const Tensor& result, const Tensor& self, const Tensor& index, const Tensor& src, std::int64_t dim) {
  if (index.numel() == 0) return copy(result, self);
  const IndexRows walk(index, self, dim);
  const IndexRows source_walk(index, src, dim);
  const std::int64_t* const indices = index.data<std::int64_t>();
  const std::int64_t size = walk.other_sizes[walk.at], stride = walk.strides[walk.at], step = walk.step();
  check_indices(indices, index.numel(), size);
  copy(result, self);
  std::int64_t groups = 1;
  for (int i = 0; i < walk.at; ++i) groups = wrapping_product(groups, walk.sizes[i]);
  if (walk.at == walk.dims - 1) groups = walk.rows;
  const std::int64_t rows_per_group = walk.rows / groups;
  dispatch_addable(self.dtype(), [&]<class T>() {
    T* const to = elements<T>(result);
    const T* const from = elements<T>(src);
    const std::int64_t bytes = rows_per_group * walk.row_length * 16;
    parallel_for(groups, grain_for_bytes(bytes), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t row = begin * rows_per_group; row < end * rows_per_group; ++row) {
        T* const base = to + walk.base(row);
        const T* const addend = from + source_walk.full_base(row);
        const std::int64_t* const entry = indices + row * walk.row_length;
        for (std::int64_t j = 0; j < walk.row_length; ++j) {
          add_to(base[entry[j] * stride + j * step], addend[j]);
        }
      }
    });
  });
}

// result = self; result[index[i][j][k]][j][k] (operation) src[i][j][k], for dim = 0 of three dimensions
//
// Rows that differ in a dimension before dim never share a destination, so each may have its own thread. Within such a
// row, elements are combined in the order of the index.
namespace {

template <class T, class Join>
void scatter_each(const Tensor& result, const Tensor& index, const Tensor& src, std::int64_t dim, Join join) {
  const IndexRows walk(index, result, dim);
  const IndexRows source_walk(index, src, dim);
  const std::int64_t* const indices = index.data<std::int64_t>();
  const std::int64_t stride = walk.strides[walk.at], step = walk.step();
  std::int64_t groups = 1;
  for (int i = 0; i < walk.at; ++i) groups = wrapping_product(groups, walk.sizes[i]);
  if (walk.at == walk.dims - 1) groups = walk.rows;
  const std::int64_t rows_per_group = walk.rows / groups;
  T* const to = elements<T>(result);
  const T* const from = elements<T>(src);
  const std::int64_t bytes = rows_per_group * walk.row_length * 16;
  parallel_for(groups, grain_for_bytes(bytes), [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t row = begin * rows_per_group; row < end * rows_per_group; ++row) {
      const std::int64_t base = walk.base(row);
      const T* const source = from + source_walk.full_base(row);
      const std::int64_t* const entry = indices + row * walk.row_length;
      for (std::int64_t j = 0; j < walk.row_length; ++j) {
        const std::int64_t at = base + entry[j] * stride + j * step;
        join(to[at], source[j], at);
      }
    }
  });
}

// The size of `tensor` in the dimension that `index` refers to.
std::int64_t indexed_size(const Tensor& tensor, std::int64_t dim) {
  return tensor.dim() == 0 ? 1 : tensor.sizes()[normalize_dim(dim, tensor.dim())];
}

template <class T>
auto number(T value) {
  if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) return to_float(value);
  else return value;
}
template <class T, class Number>
T stored(Number value) {
  if constexpr (std::is_same_v<T, Half>) return to_half(value);
  else if constexpr (std::is_same_v<T, BFloat16>) return to_bfloat16(value);
  else return static_cast<T>(value);
}

template <class T>
T lowest() {
  if constexpr (std::is_integral_v<T>) return std::numeric_limits<T>::lowest();
  else return stored<T>(-std::numeric_limits<float>::infinity());
}
template <class T>
T highest() {
  if constexpr (std::is_integral_v<T>) return std::numeric_limits<T>::max();
  else return stored<T>(std::numeric_limits<float>::infinity());
}

// Products of integers wrap around.
template <class T>
void multiply_by(T& product, T value) {
  if constexpr (std::is_integral_v<T>) {
    product = static_cast<T>(static_cast<std::uint64_t>(product) * static_cast<std::uint64_t>(value));
  } else {
    product = stored<T>(number(product) * number(value));
  }
}

}  // namespace

void scatter(const Tensor& result, const Tensor& self, const Tensor& index, const Tensor& src, std::int64_t dim) {
  if (index.numel() > 0) check_indices(index.data<std::int64_t>(), index.numel(), indexed_size(self, dim));
  copy(result, self);
  if (index.numel() == 0) return;
  dispatch_by_size(self.dtype(), [&]<class T>() {
    scatter_each<T>(result, index, src, dim, [](T& to, T value, std::int64_t) { to = value; });
  });
}

// Without self, an element that receives values starts from the neutral element. A mean divides by the number of values
// that were added in the end.
void scatter_reduce(const Tensor& result, const Tensor& self, const Tensor& index, const Tensor& src, std::int64_t dim,
                    ScatterReduction reduce, bool include_self) {
  if (index.numel() > 0) check_indices(index.data<std::int64_t>(), index.numel(), indexed_size(self, dim));
  copy(result, self);
  if (index.numel() == 0) return;
  // A bool is 0 or 1, so its sum is its maximum and its product its minimum.
  if (self.dtype() == DType::Bool) {
    if (reduce == ScatterReduction::Sum) reduce = ScatterReduction::Amax;
    if (reduce == ScatterReduction::Prod) reduce = ScatterReduction::Amin;
  }
  dispatch_all(self.dtype(), [&]<class T>() {
    const auto begin_with = [&](T neutral) {
      if (include_self) return;
      scatter_each<T>(result, index, src, dim, [neutral](T& to, T, std::int64_t) { to = neutral; });
    };
    switch (reduce) {
      case ScatterReduction::Sum:
      case ScatterReduction::Mean: {
        begin_with(stored<T>(0));
        const bool divides = reduce == ScatterReduction::Mean;
        PoolVector<std::int64_t> counts(divides ? static_cast<std::size_t>(result.numel()) : 0, include_self ? 1 : 0);
        scatter_each<T>(result, index, src, dim, [&](T& to, T value, std::int64_t at) {
          add_to(to, value);
          if (divides) ++counts[static_cast<std::size_t>(at)];
        });
        T* const to = elements<T>(result);
        for (std::size_t i = 0; i < counts.size(); ++i) {
          if (counts[i] < 2) continue;
          if constexpr (std::is_integral_v<T>) {
            // Rounded down, as in PyTorch.
            const auto sum = static_cast<std::int64_t>(to[i]);
            to[i] = static_cast<T>(sum / counts[i] - (sum % counts[i] < 0 ? 1 : 0));
          } else {
            to[i] = stored<T>(number(to[i]) / static_cast<decltype(number(to[i]))>(counts[i]));
          }
        }
        return;
      }
      case ScatterReduction::Prod:
        begin_with(stored<T>(1));
        scatter_each<T>(result, index, src, dim, [](T& to, T value, std::int64_t) { multiply_by(to, value); });
        return;
      case ScatterReduction::Amax:
        begin_with(self.dtype() == DType::Bool ? stored<T>(0) : lowest<T>());
        // A NaN is kept: no value compares larger than it, and it replaces every other value.
        scatter_each<T>(result, index, src, dim, [](T& to, T value, std::int64_t) {
          if (number(value) > number(to) || number(value) != number(value)) to = value;
        });
        return;
      case ScatterReduction::Amin:
        begin_with(self.dtype() == DType::Bool ? stored<T>(1) : highest<T>());
        scatter_each<T>(result, index, src, dim, [](T& to, T value, std::int64_t) {
          if (number(value) < number(to) || number(value) != number(value)) to = value;
        });
        return;
    }
  });
}

// result[offset + sum_d i_d stride_d] += grad_output[i], over all i below size. Elements may repeat (in an expanded or
// overlapping view), so a single thread adds them in order.
void as_strided_backward(const Tensor& result, const Tensor& grad_output, IntList /*input_size*/, IntList size,
                         IntList stride, std::int64_t offset) {
  fill_with_zeros(result);
  if (grad_output.numel() == 0) return;
  std::int64_t lowest = offset, highest = offset;
  for (std::size_t d = 0; d < size.size(); ++d) {
    (stride[d] < 0 ? lowest : highest) += (size[d] - 1) * stride[d];
  }
  TS_CHECK(lowest >= 0 && highest < result.numel(), IndexError, "the view reaches from element ", lowest, " to ",
           highest, " of an input of ", result.numel(), " elements");
  const std::size_t dims = size.size();
  const std::int64_t row_length = dims == 0 ? 1 : size[dims - 1];
  const std::int64_t row_stride = dims == 0 ? 0 : stride[dims - 1];
  const std::int64_t rows = grad_output.numel() / row_length;
  dispatch_addable(result.dtype(), [&]<class T>() {
    const T* from = elements<T>(grad_output);
    for (std::int64_t row = 0; row < rows; ++row) {
      T* to = elements<T>(result) + offset;
      std::int64_t rest = row;
      for (std::size_t d = dims; d-- > 1;) {
        to += rest % size[d - 1] * stride[d - 1];
        rest /= size[d - 1];
      }
      for (std::int64_t j = 0; j < row_length; ++j) add_to(to[j * row_stride], from[j]);
      from += row_length;
    }
  });
}

}  // namespace ts::cpu
