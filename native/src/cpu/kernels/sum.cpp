// Sums over some or all dimensions of a tensor of any strides.
//
// Adding n numbers in the obvious order has an error that grows with n. Here the numbers are divided into blocks of a
// fixed size; a block is summed in many lanes side by side, and the sums of the blocks are added pairwise in a tree. So
// the error grows with the length of a lane, at most some hundred terms, plus the depth of the tree. The blocks are
// determined by the shape and shared among the threads, so the result does not depend on the number of threads.
//
// The dimensions are sorted by stride and merged where possible. The innermost dimension then decides the method:
//
//   reduced     rows: each output is a sum of contiguous pieces
//   kept        columns: rows are added to one another, a whole tile of columns at a time, so that memory is read in
//               long runs; if there are few columns, several rows are treated as one, which is folded at the end
//   not dense   (its stride is not 1) a dense copy is made first
//
// float16 and bfloat16 are summed in float, and integers in int64 (smaller types wrap around at the end). The sum of
// bools is true if any of them is true.
#include "cpu/simd_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/sum.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "cpu/vec_tail-inl.h"

#ifndef TS_CPU_SUM_KERNELS
#define TS_CPU_SUM_KERNELS
namespace ts::cpu {

// The functions of one instruction set. T is float, double or int64_t.
template <class T>
struct SumKernels {
  /// out[i * out_stride] = the sum of x[i * stride] ... x[i * stride + n - 1].
  void (*rows)(const T* x, std::int64_t count, std::int64_t stride, std::int64_t n, T* out, std::int64_t out_stride);
  /// sums[j] += the sum over eight rows of row[j], for j < width.
  void (*add_rows)(const T* const rows[8], T* sums, std::int64_t width);
};

}  // namespace ts::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

// Four sums side by side hide the latency of the addition. They are added to the total every kSteps, so that the error
// does not grow with the whole length of a lane. Integer sums have no error, and the compiler optimizes them (GCC 12
// with -O3 -fwrapv miscompiles four hand-written integer sums for the scalar target).
template <class T>
HWY_INLINE T sum_row(const T* x, int64_t n) {
  if constexpr (std::is_integral_v<T>) {
    T sum = 0;
    for (int64_t i = 0; i < n; ++i) sum += x[i];
    return sum;
  } else {
    constexpr int64_t L = kLanes<T>, kSteps = 16;
    Vec<T> total(0);
    int64_t i = 0;
    while (i + 4 * L <= n) {
      const int64_t end = n - i < 4 * L * kSteps ? n : i + 4 * L * kSteps;
      Vec<T> s0(0), s1(0), s2(0), s3(0);
      for (; i + 4 * L <= end; i += 4 * L) {
        s0 = s0 + Vec<T>::load(x + i);
        s1 = s1 + Vec<T>::load(x + i + L);
        s2 = s2 + Vec<T>::load(x + i + 2 * L);
        s3 = s3 + Vec<T>::load(x + i + 3 * L);
      }
      total = total + ((s0 + s1) + (s2 + s3));
    }
    Vec<T> rest(0);
    for (; i + L <= n; i += L) rest = rest + Vec<T>::load(x + i);
    if (i < n) rest = rest + load_first(x + i, n - i, Vec<T>(0));
    return sum_of_lanes(total + rest);
  }
}

template <class T>
void sum_rows(const T* x, int64_t count, int64_t stride, int64_t n, T* out, int64_t out_stride) {
  // Short rows, four of them side by side, cost less than reducing a vector would.
  if (n <= 16) {
    int64_t i = 0;
    for (; i + 4 <= count; i += 4) {
      const T* row = x + i * stride;
      T s0 = 0, s1 = 0, s2 = 0, s3 = 0;
      for (int64_t j = 0; j < n; ++j, ++row) {
        s0 += row[0];
        s1 += row[stride];
        s2 += row[2 * stride];
        s3 += row[3 * stride];
      }
      out[i * out_stride] = s0;
      out[(i + 1) * out_stride] = s1;
      out[(i + 2) * out_stride] = s2;
      out[(i + 3) * out_stride] = s3;
    }
    for (; i < count; ++i) {
      T sum = 0;
      for (int64_t j = 0; j < n; ++j) sum += x[i * stride + j];
      out[i * out_stride] = sum;
    }
    return;
  }
  for (int64_t i = 0; i < count; ++i) out[i * out_stride] = sum_row(x + i * stride, n);
}

template <class T>
void add_rows(const T* const rows[8], T* sums, int64_t width) {
  const T *r0 = rows[0], *r1 = rows[1], *r2 = rows[2], *r3 = rows[3];
  const T *r4 = rows[4], *r5 = rows[5], *r6 = rows[6], *r7 = rows[7];
  using V = Vec<T>;
  for_each_vector<T>(
      width,
      [&](int64_t j) HWY_ATTR {
        const V low = (V::load(r0 + j) + V::load(r1 + j)) + (V::load(r2 + j) + V::load(r3 + j));
        const V high = (V::load(r4 + j) + V::load(r5 + j)) + (V::load(r6 + j) + V::load(r7 + j));
        (V::load(sums + j) + (low + high)).store(sums + j);
      },
      [&](int64_t j, int64_t left) HWY_ATTR {
        for (int64_t end = j + left; j < end; ++j) {
          sums[j] += ((r0[j] + r1[j]) + (r2[j] + r3[j])) + ((r4[j] + r5[j]) + (r6[j] + r7[j]));
        }
      });
}

SumKernels<float> float_sums() { return {&sum_rows<float>, &add_rows<float>}; }
SumKernels<double> double_sums() { return {&sum_rows<double>, &add_rows<double>}; }
// Unsigned, so that sums wrap around.
SumKernels<uint64_t> integer_sums() { return {&sum_rows<uint64_t>, &add_rows<uint64_t>}; }

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>
#include <cstdlib>
#include <type_traits>

#include "backend/dispatch.h"
#include "backend/reduced_dims.h"
#include "cpu/convert.h"
#include "cpu/kernels/copy.h"
#include "cpu/thread_pool.h"
#include "cpu/workspace.h"
#include "generated/cpu/reductions.g.h"
#include "generated/cpu/views_and_indexing.g.h"
#include "tensor/integer_math.h"

namespace ts::cpu {
namespace {

HWY_EXPORT(float_sums);
HWY_EXPORT(double_sums);
HWY_EXPORT(integer_sums);

template <class C>
SumKernels<C> kernels() {
  if constexpr (std::is_same_v<C, float>) {
    return TS_SIMD_DISPATCH(float_sums)();
  } else if constexpr (std::is_same_v<C, double>) {
    return TS_SIMD_DISPATCH(double_sums)();
  } else {
    return TS_SIMD_DISPATCH(integer_sums)();
  }
}

// Number of elements in a block, for rows and for columns; columns are added to a tile of sums that stays in L1.
constexpr std::int64_t kBlock = 16384;
constexpr std::int64_t kColumnBlock = 65536;
constexpr std::int64_t kTileWidth = 2048;
// At most this many rows are added up in one block, which bounds the error.
constexpr std::int64_t kMaxBlockRows = 2048;
// Matrices with fewer columns than this are widened to about this many.
constexpr std::int64_t kWideEnough = 128;


struct Dim {
  std::int64_t size, stride, out_stride;
};

// Dimensions of one kind, outermost first.
struct DimGroup {
  Dim dims[kMaxDims];
  int count = 0;

  std::int64_t numel() const {
    std::int64_t result = 1;
    for (int i = 0; i < count; ++i) result *= dims[i].size;
    return result;
  }
  // The offset of element `index` of the group, in row-major order.
  std::int64_t offset(std::int64_t index) const {
    std::int64_t result = 0;
    for (int i = count - 1; i >= 0; --i) {
      result += index % dims[i].size * dims[i].stride;
      index /= dims[i].size;
    }
    return result;
  }
  std::int64_t out_offset(std::int64_t index) const {
    std::int64_t result = 0;
    for (int i = count - 1; i >= 0; --i) {
      result += index % dims[i].size * dims[i].out_stride;
      index /= dims[i].size;
    }
    return result;
  }
};

// The dimensions of a sum, sorted by descending stride, with neighbouring dimensions merged where possible.
struct Plan {
  DimGroup kept, reduced;
  bool innermost_is_reduced = true;
  std::int64_t innermost_stride = 1;
};

Plan make_plan(const Tensor& self, std::uint32_t mask) {
  struct Entry {
    Dim dim;
    bool is_reduced;
  };
  Entry entries[kMaxDims];
  int count = 0;
  std::int64_t out_stride = 1;
  for (int i = self.dim() - 1; i >= 0; --i) {
    const bool is_reduced = ((mask >> i) & 1u) != 0;
    if (self.sizes()[i] != 1) {
      entries[count++] = {{self.sizes()[i], self.strides()[i], is_reduced ? 0 : out_stride}, is_reduced};
    }
    if (!is_reduced) out_stride *= self.sizes()[i];
  }
  std::reverse(entries, entries + count);
  std::stable_sort(entries, entries + count,
                   [](const Entry& a, const Entry& b) { return std::abs(a.dim.stride) > std::abs(b.dim.stride); });
  Plan plan;
  bool previous_reduced = false;
  for (int i = 0; i < count; ++i) {
    const Entry& entry = entries[i];
    DimGroup& group = entry.is_reduced ? plan.reduced : plan.kept;
    Dim* const outer = i > 0 && previous_reduced == entry.is_reduced ? &group.dims[group.count - 1] : nullptr;
    if (outer && outer->stride == entry.dim.size * entry.dim.stride &&
        outer->out_stride == entry.dim.size * entry.dim.out_stride) {
      *outer = {outer->size * entry.dim.size, entry.dim.stride, entry.dim.out_stride};
    } else {
      group.dims[group.count++] = entry.dim;
    }
    previous_reduced = entry.is_reduced;
    plan.innermost_is_reduced = entry.is_reduced;
    plan.innermost_stride = entry.dim.stride;
  }
  if (plan.reduced.count == 0) plan.reduced.dims[plan.reduced.count++] = {1, 1, 0};
  return plan;
}

// Adds `count` rows of `width` elements pairwise into the first one.
template <class C>
void fold_rows(C* rows, std::int64_t count, std::int64_t width) {
  for (std::int64_t step = 1; step < count; step *= 2) {
    for (std::int64_t i = 0; i + step < count; i += 2 * step) {
      C* const to = rows + i * width;
      const C* const from = to + step * width;
      for (std::int64_t j = 0; j < width; ++j) to[j] += from[j];
    }
  }
}

template <class C>
C* scratch(std::int64_t count) {
  static Workspace workspace;
  return static_cast<C*>(workspace.reserve(static_cast<std::size_t>(count) * sizeof(C)));
}
// Scratch memory of the calling thread for the results of its workers.
template <class C>
C* shared_scratch(std::int64_t count) {
  static Workspace workspace;
  return static_cast<C*>(workspace.reserve(static_cast<std::size_t>(count) * sizeof(C)));
}

// T is the type in which elements are stored, C the type in which they are added.
template <class T, class C>
class SumLoop {
 public:
  static constexpr bool kConverts = !std::is_same_v<T, C>;

  SumLoop(const Plan& plan, DType dtype, const T* in, T* out)
      : plan_(plan),
        kernel_(kernels<C>()),
        in_(in),
        out_(out),
        is_bool_(dtype == DType::Bool),
        widen_(converter(dtype, std::is_integral_v<C>
                                    ? DType::Int64
                                    : dtype_of<std::conditional_t<std::is_integral_v<C>, std::int64_t, C>>)) {}

  void run() {
    if (plan_.innermost_is_reduced) {
      rows();
    } else {
      columns();
    }
  }

 private:
  static std::int64_t grain(std::int64_t elements) {
    return std::max<std::int64_t>(
        1, kMinParallelBytes / static_cast<std::int64_t>(sizeof(T)) / std::max<std::int64_t>(1, elements));
  }

  void put(C sum, T& to) const {
    if constexpr (std::is_same_v<T, Half>) {
      to = to_half(sum);
    } else if constexpr (std::is_same_v<T, BFloat16>) {
      to = to_bfloat16(sum);
    } else if (is_bool_) {
      to = static_cast<T>(sum != 0);
    } else {
      to = static_cast<T>(sum);
    }
  }

  // ---- Rows ----

  void rows() {
    const std::int64_t length = plan_.reduced.numel(), outputs = plan_.kept.numel();
    const std::int64_t blocks = std::max<std::int64_t>(1, ceil_div(length, kBlock));
    if constexpr (!kConverts) {
      if (blocks == 1 && plan_.reduced.count == 1) return plain_rows(outputs, length);
    }
    C* const partial = shared_scratch<C>(outputs * blocks);
    parallel_for(outputs * blocks, grain(std::min(length, kBlock)), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t task = begin; task < end; ++task) {
        const std::int64_t first = task % blocks * kBlock;
        partial[task] = block_sum(in_ + plan_.kept.offset(task / blocks), first, std::min(length, first + kBlock));
      }
    });
    for (std::int64_t i = 0; i < outputs; ++i) {
      fold_rows(partial + i * blocks, blocks, 1);
      put(partial[i * blocks], out_[plan_.kept.out_offset(i)]);
    }
  }

  // One short row for each output; whole runs of rows are summed at a time.
  void plain_rows(std::int64_t outputs, std::int64_t length) {
    const Dim inner = plan_.kept.count == 0 ? Dim{1, 0, 0} : plan_.kept.dims[plan_.kept.count - 1];
    parallel_for(outputs, grain(length), [&](std::int64_t begin, std::int64_t end) {
      while (begin < end) {
        const std::int64_t count = std::min(end - begin, inner.size - begin % inner.size);
        kernel_.rows(reinterpret_cast<const C*>(in_ + plan_.kept.offset(begin)), count, inner.stride, length,
                     reinterpret_cast<C*>(out_ + plan_.kept.out_offset(begin)), inner.out_stride);
        begin += count;
      }
    });
  }

  // The sum of elements [begin, end) of the reduced dimensions. If they span several pieces of the innermost dimension
  // or need conversion, they are first gathered in scratch memory.
  C block_sum(const T* from, std::int64_t begin, std::int64_t end) const {
    const std::int64_t piece = plan_.reduced.dims[plan_.reduced.count - 1].size;
    C sum;
    const std::int64_t count = end - begin;
    if constexpr (!kConverts) {
      if (begin / piece == (end - 1) / piece) {
        kernel_.rows(from + plan_.reduced.offset(begin), 1, 0, count, &sum, 1);
        return sum;
      }
    }
    C* const room = scratch<C>(kBlock);
    for (std::int64_t i = begin; i < end;) {
      const std::int64_t n = std::min(end - i, piece - i % piece);
      widen_(from + plan_.reduced.offset(i), room + (i - begin), n);
      i += n;
    }
    kernel_.rows(room, 1, 0, count, &sum, 1);
    return sum;
  }

  // ---- Columns ----

  void columns() {
    DimGroup outer = plan_.kept;
    const Dim inner = outer.dims[--outer.count];
    std::int64_t width = inner.size, rows = plan_.reduced.numel(), group = 1;
    DimGroup row_dims = plan_.reduced;
    // `group` rows that follow one another in memory are treated as one row with `group` times as many columns.
    if (width < kWideEnough && row_dims.count == 1 && row_dims.dims[0].stride == width) {
      group = std::min(ceil_div(kWideEnough, width), rows);
      width *= group;
      row_dims.dims[0] = {rows / group, width, 0};
    }
    const std::int64_t whole_rows = rows / group, left = rows % group;
    const std::int64_t tiles = ceil_div(width, kTileWidth), tile = std::min(width, kTileWidth);
    const std::int64_t block_rows = std::clamp<std::int64_t>(kColumnBlock / tile, 32, kMaxBlockRows);
    const std::int64_t blocks = std::max<std::int64_t>(1, ceil_div(whole_rows, block_rows));
    const std::int64_t outputs = outer.numel();

    C* const partial = shared_scratch<C>(outputs * blocks * width);
    parallel_for(outputs * tiles * blocks, grain(std::min(block_rows, whole_rows) * tile),
                 [&](std::int64_t begin, std::int64_t end) {
                   for (std::int64_t task = begin; task < end; ++task) {
                     const std::int64_t column = task % tiles * kTileWidth, block = task / tiles % blocks;
                     const std::int64_t output = task / tiles / blocks;
                     column_sums(in_ + outer.offset(output) + column, row_dims, block * block_rows,
                                 std::min(whole_rows, (block + 1) * block_rows), std::min(kTileWidth, width - column),
                                 partial + (output * blocks + block) * width + column);
                   }
                 });

    parallel_for(outputs, grain(blocks * width), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        C* const sums = partial + i * blocks * width;
        fold_rows(sums, blocks, width);
        fold_rows(sums, group, inner.size);
        const T* last = in_ + outer.offset(i) + whole_rows * width;
        T* const to = out_ + outer.out_offset(i);
        for (std::int64_t j = 0; j < inner.size; ++j) {
          C sum = sums[j];
          for (std::int64_t row = 0; row < left; ++row) sum += value(last[row * inner.size + j]);
          put(sum, to[j * inner.out_stride]);
        }
      }
    });
  }

  C value(T element) const {
    if constexpr (std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>) {
      return to_float(element);
    } else {
      return is_bool_ ? static_cast<C>(element != 0) : static_cast<C>(element);
    }
  }

  // sums[j] = the sum over rows [begin, end) of column j.
  void column_sums(const T* from, const DimGroup& row_dims, std::int64_t begin, std::int64_t end, std::int64_t width,
                   C* sums) const {
    std::fill(sums, sums + width, C(0));
    C* const room = kConverts ? scratch<C>(8 * width + width) : scratch<C>(width);
    C* const zeros = kConverts ? room + 8 * width : room;
    bool zeroed = false;
    for (std::int64_t row = begin; row < end; row += 8) {
      const C* rows[8];
      for (std::int64_t k = 0; k < 8; ++k) {
        if (row + k >= end) {
          if (!zeroed) std::fill(zeros, zeros + width, C(0));
          zeroed = true;
          rows[k] = zeros;
          continue;
        }
        const T* const source = from + row_dims.offset(row + k);
        if constexpr (kConverts) {
          widen_(source, room + k * width, width);
          rows[k] = room + k * width;
        } else {
          rows[k] = source;
        }
      }
      kernel_.add_rows(rows, sums, width);
    }
  }

  const Plan& plan_;
  const SumKernels<C> kernel_;
  const T* const in_;
  T* const out_;
  const bool is_bool_;
  const Converter widen_;
};

}  // namespace

void sum(const Tensor& result, const Tensor& self, std::optional<IntList> dim,
         bool /*keepdim: in the result's shape*/) {
  if (result.numel() == 0) return;
  if (self.numel() == 0) {
    fill_with_zeros(result);
    return;
  }
  const std::uint32_t mask = reduced_dims(dim, self.dim());
  Tensor source = self;
  Plan plan = make_plan(source, mask);
  if (plan.innermost_stride != 1) {
    source = empty_like(self);
    copy(source, self);
    plan = make_plan(source, mask);
  }
  dispatch_all(source.dtype(), [&]<class T>() {
    using C = std::conditional_t<std::is_same_v<T, double>, double,
                                 std::conditional_t<std::is_integral_v<T>, std::uint64_t, float>>;
    // Integers that are already 64 bits wide are not converted.
    using Element = std::conditional_t<std::is_same_v<T, std::int64_t>, std::uint64_t, T>;
    SumLoop<Element, C>(plan, source.dtype(), static_cast<const Element*>(source.raw_data()),
                        static_cast<Element*>(result.raw_data()))
        .run();
  });
}

}  // namespace ts::cpu

#endif  // HWY_ONCE
