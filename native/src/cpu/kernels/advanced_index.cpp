// The kernels of advanced indexing. They work on linear indices: row-major positions within the indexed dimensions.
//
// take_indices reads elements, put_indices writes them and add_indices adds to them. They read and write strided memory
// directly, so no operand is copied because of its layout. Each of them appears in the gradients of the others.
#include <algorithm>
#include <cstring>
#include <vector>

#include "backend/advanced_index.h"
#include "cpu/kernels/addable.h"
#include "cpu/kernels/copy.h"
#include "cpu/thread_pool.h"
#include "generated/cpu/views_and_indexing.g.h"

namespace ts::cpu {
namespace {

// Nested loops over two strided tensors.
struct Loop {
  int dims = 0;
  std::int64_t numel = 1;
  std::int64_t sizes[kMaxDims], base[kMaxDims], other[kMaxDims];

  // Appends the next inner dimension, merged into the previous one if both tensors allow it.
  void push(std::int64_t size, std::int64_t base_stride, std::int64_t other_stride) {
    numel = wrapping_product(numel, size);
    if (size == 1) return;
    if (dims > 0 && base[dims - 1] == size * base_stride && other[dims - 1] == size * other_stride) {
      sizes[dims - 1] = wrapping_product(sizes[dims - 1], size);
      base[dims - 1] = base_stride;
      other[dims - 1] = other_stride;
      return;
    }
    sizes[dims] = size;
    base[dims] = base_stride;
    other[dims] = other_stride;
    ++dims;
  }

  // Adds the offsets of iteration i over the first `count` dimensions.
  void locate(std::int64_t i, int count, std::int64_t& base_offset, std::int64_t& other_offset) const {
    for (int d = count - 1; d >= 0; --d) {
      const std::int64_t at = i % sizes[d];
      i /= sizes[d];
      base_offset += at * base[d];
      other_offset += at * other[d];
    }
  }
};

// The loops over the dimensions of the indexed tensor before the indexed ones, over the linear indices, and over the
// dimensions after them.
struct IndexWalk {
  IndexWalk(const Tensor& base, const Tensor& other, const Tensor& indices, IntList dims)
      : index_count(indices.numel()), positions(1), index_data(indices.data<std::int64_t>()) {
    const int at = position_of_indices(dims);
    bool indexed[kMaxDims] = {};
    for (const std::int64_t d : dims) {
      indexed[d] = true;
      positions = wrapping_product(positions, base.sizes()[static_cast<int>(d)]);
      sizes[count] = base.sizes()[static_cast<int>(d)];
      strides[count++] = base.strides()[static_cast<int>(d)];
    }
    for (int d = 0; d < at; ++d) outer.push(base.sizes()[d], base.strides()[d], other.strides()[d]);
    for (int d = 0; d < indices.dim(); ++d) among.push(indices.sizes()[d], 0, other.strides()[at + d]);
    int in_other = at + indices.dim();
    for (int d = at; d < base.dim(); ++d) {
      if (indexed[d]) continue;
      inner.push(base.sizes()[d], base.strides()[d], other.strides()[in_other++]);
    }
    if (inner.dims > 0) {
      row_length = inner.sizes[inner.dims - 1];
      base_step = inner.base[inner.dims - 1];
      other_step = inner.other[inner.dims - 1];
      rows = inner.numel / std::max<std::int64_t>(1, row_length);
    }
  }

  std::int64_t base_offset(std::int64_t index) const {
    if (count == 1) return index * strides[0];
    std::int64_t offset = 0;
    for (int d = count - 1; d >= 0; --d) {
      offset += index % sizes[d] * strides[d];
      index /= sizes[d];
    }
    return offset;
  }

  // Calls row(base offset, other offset) for each row of elements that index i selects in outer iteration `o`.
  template <class Row>
  void visit(std::int64_t base_start, std::int64_t other_start, std::int64_t i, Row&& row) const {
    std::int64_t unused = 0;
    base_start += base_offset(index_data[i]);
    among.locate(i, among.dims, unused, other_start);
    for (std::int64_t r = 0; r < rows; ++r) {
      std::int64_t b = base_start, o = other_start;
      if (rows > 1) inner.locate(r, inner.dims - 1, b, o);
      row(b, o);
    }
  }

  Loop outer, among, inner;
  std::int64_t index_count, positions;
  const std::int64_t* index_data;
  int count = 0;  // number of indexed dimensions
  std::int64_t sizes[kMaxDims], strides[kMaxDims];
  std::int64_t rows = 1, row_length = 1, base_step = 1, other_step = 1;
};

// Combines each element of `values` with the element at its index by `join`. Threads split the destination: each reads
// all indices and handles those in its range, so that elements with the same index are combined in the order of the
// index tensor.
template <class T, class Join>
void write_at_indices(const Tensor& result, const Tensor& values, const Tensor& indices, IntList dims, Join join) {
  const IndexWalk walk(result, values, indices, dims);
  T* const to = elements<T>(result);
  const T* const from = elements<T>(values);
  const std::int64_t slices = walk.outer.numel * walk.positions;
  const std::int64_t work = walk.outer.numel * walk.index_count * walk.inner.numel * std::int64_t{sizeof(T)};
  // Reading the indices costs every range about as much as writing one element for each of them.
  const bool splits = walk.inner.numel >= 8 && work >= 2 * kMinParallelBytes;
  const std::int64_t grain = splits ? std::max<std::int64_t>(1, slices / (2 * num_threads())) : slices;
  parallel_for(slices, grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t o = begin / walk.positions; o * walk.positions < end; ++o) {
      const std::int64_t low = begin - o * walk.positions, high = end - o * walk.positions;
      std::int64_t base_start = 0, value_start = 0;
      walk.outer.locate(o, walk.outer.dims, base_start, value_start);
      for (std::int64_t i = 0; i < walk.index_count; ++i) {
        if (walk.index_data[i] < low || walk.index_data[i] >= high) continue;
        walk.visit(base_start, value_start, i, [&](std::int64_t b, std::int64_t v) {
          if (walk.base_step == 1 && walk.other_step == 1) {
            for (std::int64_t j = 0; j < walk.row_length; ++j) join(to[b + j], from[v + j]);
          } else {
            for (std::int64_t j = 0; j < walk.row_length; ++j)
              join(to[b + j * walk.base_step], from[v + j * walk.other_step]);
          }
        });
      }
    }
  });
}

}  // namespace

void take_indices(const Tensor& result, const Tensor& self, const Tensor& indices, IntList dims) {
  if (result.numel() == 0) return;
  const IndexWalk walk(self, result, indices, dims);
  dispatch_by_size(self.dtype(), [&]<class T>() {
    const T* const from = elements<T>(self);
    T* const to = elements<T>(result);
    const std::int64_t bytes = walk.inner.numel * std::int64_t{sizeof(T)};
    parallel_for(walk.outer.numel * walk.index_count, grain_for_bytes(bytes),
                 [&](std::int64_t begin, std::int64_t end) {
                   for (std::int64_t o = begin / walk.index_count; o * walk.index_count < end; ++o) {
                     const std::int64_t first = std::max<std::int64_t>(0, begin - o * walk.index_count);
                     const std::int64_t last = std::min(walk.index_count, end - o * walk.index_count);
                     std::int64_t base_start = 0, result_start = 0;
                     walk.outer.locate(o, walk.outer.dims, base_start, result_start);
                     for (std::int64_t i = first; i < last; ++i) {
                       walk.visit(base_start, result_start, i, [&](std::int64_t b, std::int64_t r) {
                         if (walk.base_step == 1 && walk.other_step == 1 && walk.row_length > 1) {
                           std::memcpy(to + r, from + b, static_cast<std::size_t>(walk.row_length) * sizeof(T));
                           return;
                         }
                         for (std::int64_t j = 0; j < walk.row_length; ++j)
                           to[r + j * walk.other_step] = from[b + j * walk.base_step];
                       });
                     }
                   }
                 });
  });
}

// Works in place if result is self.
void put_indices(const Tensor& result, const Tensor& self, const Tensor& indices, const Tensor& values, IntList dims) {
  if (!result.is_same(self)) copy(result, self);
  if (values.numel() == 0) return;
  dispatch_by_size(self.dtype(), [&]<class T>() {
    write_at_indices<T>(result, values, indices, dims, [](T& to, T value) { to = value; });
  });
}

void add_indices(const Tensor& result, const Tensor& self, const Tensor& indices, const Tensor& values, IntList dims) {
  if (!result.is_same(self)) copy(result, self);
  if (values.numel() == 0) return;
  dispatch_addable(self.dtype(), [&]<class T>() {
    write_at_indices<T>(result, values, indices, dims, [](T& to, T value) { add_to(to, value); });
  });
}

void embedding_rows(const Tensor& result, const Tensor& weight, const Tensor& indices, std::int64_t /*padding_idx*/,
                    bool /*scale_grad_by_freq*/) {
  const std::int64_t first[] = {0};
  take_indices(result, weight, indices, IntList(first, 1));
}

void checked_indices(const Tensor& result, const Tensor& index, std::int64_t size, std::int64_t dim, bool negative) {
  const std::int64_t lowest = negative ? -size : 0;
  const auto* const from = index.data<std::int64_t>();
  auto* const to = result.data<std::int64_t>();
  for (std::int64_t i = 0; i < index.numel(); ++i) {
    TS_CHECK(from[i] >= lowest && from[i] < size, IndexError, "index ", from[i], " at position ", i,
             " is out of range for dimension ", dim, " of size ", size,
             from[i] < 0 && from[i] >= -size ? "; negative indices do not count from the end here" : "");
    to[i] = from[i] < 0 ? from[i] + size : from[i];
  }
}

void mask_indices(const Tensor& result, const Tensor& mask, std::int64_t /*count: the size of the result*/) {
  const auto* const holds = elements<const std::uint8_t>(mask);
  auto* to = result.data<std::int64_t>();
  for (std::int64_t i = 0; i < mask.numel(); ++i) {
    if (holds[i] != 0) *to++ = i;
  }
}

void unravel_indices(const Tensor& result, const Tensor& positions, IntList sizes) {
  const auto* const from = positions.data<std::int64_t>();
  auto* const to = result.data<std::int64_t>();
  const std::size_t dims = sizes.size();
  for (std::int64_t i = 0; i < positions.numel(); ++i) {
    std::int64_t rest = from[i];
    for (std::size_t d = dims; d-- > 0;) {
      to[static_cast<std::size_t>(i) * dims + d] = rest % sizes[d];
      rest /= sizes[d];
    }
  }
}

}  // namespace ts::cpu
