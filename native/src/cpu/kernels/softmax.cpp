// Softmax and log-softmax along one dimension, and their backward passes. For a row x along that dimension:
//
//   softmax        y_i = exp(x_i - max) / sum_j exp(x_j - max)
//   log_softmax    y_i = (x_i - max) - log(sum_j exp(x_j - max))     not x_i - (max + log(sum)), which cancels
//
//   softmax        dy_i / dx_j = y_i (delta_ij - y_j)        dx_i = y_i (dy_i - sum_j dy_j y_j)
//   log_softmax    dy_i / dx_j = delta_ij - exp(y_j)         dx_i = dy_i - exp(y_i) sum_j dy_j
//
// All four have the same form: a sum over the row, followed by a function of each element and that sum. They are bound
// by memory bandwidth, so a row is read from memory once and processed in the cache:
//
//   contiguous rows    up to kSoftmaxBlock elements at a time; a longer row is summed block by block and then read again, and
//                      the threads share its blocks
//   inner dimensions   several vectors of neighbouring columns at a time; nothing is transposed
//   a few columns      each column is gathered into a row
//
// float16 and bfloat16 are converted block by block and computed in float. Blocks are fixed by the shape, so results do
// not depend on the number of threads.
#include "cpu/simd_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/softmax.cpp"
#include <hwy/cache_control.h>
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "cpu/kernels/log_sum_exp-inl.h"

#ifndef TS_CPU_SOFTMAX_KERNELS
#define TS_CPU_SOFTMAX_KERNELS
namespace ts::cpu {

// The functions of one instruction set for one of the four operators. T is float or double. The first operand is x or
// dy; the backward functions have y as the second operand.
template <class T>
struct SoftmaxKernels {
  /// The sum over n elements of a row: forward, the sum of exponentials with their maximum; backward, a plain sum
  /// in `sum`.
  LogSumExp<T> (*partial)(const T* a, const T* y, std::int64_t n);
  /// The results for n elements of a row with that sum. With `streams` the stores bypass the cache: `out` is then
  /// aligned, and n is a multiple of the vector length. `out` may be one of the operands.
  void (*write)(const T* a, const T* y, T* out, std::int64_t n, LogSumExp<T> total, bool streams);
  /// Both, for a row that stays in the cache; `terms` has space for n elements and may be `out`.
  void (*row)(const T* a, const T* y, T* terms, T* out, std::int64_t n, bool streams);
  /// Both, for `columns` <= tile_width neighbouring rows; element i of each is at i * stride.
  void (*columns)(const T* a, const T* y, T* out, std::int64_t n, std::int64_t stride, std::int64_t columns);
  std::int64_t lanes, tile_width;
  bool backward;
};

// Rows of up to this many elements are processed as a whole.
inline constexpr std::int64_t kSoftmaxBlock = 16384;

}  // namespace ts::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

// Number of rows of a column tile that are summed before they are added to the total, so that the error of a long sum
// grows with n / kRowsPerSum + kRowsPerSum instead of n.
constexpr int64_t kRowsPerSum = 128;

template <class T>
HWY_INLINE void put(Vec<T> value, T* to, bool streams) {
  if (streams) {
    hn::Stream(value.raw, hn::ScalableTag<T>(), to);
  } else {
    value.store(to);
  }
}

// out_i = f(a_i, y_i) along a row; f must not depend on the lanes beyond the end.
template <bool kTwo, class T, class Function>
HWY_INLINE void map_row(const T* a, const T* y, T* out, int64_t n, bool streams, Function f) {
  for_each_vector<T>(
      n,
      [&](int64_t i)
          HWY_ATTR { put(f(Vec<T>::load(a + i), kTwo ? Vec<T>::load(y + i) : Vec<T>(0)), out + i, streams); },
      [&](int64_t i, int64_t left) HWY_ATTR {
        const Vec<T> zero(0);
        store_first(f(load_first(a + i, left, zero), kTwo ? load_first(y + i, left, zero) : zero), out + i, left);
      });
  if (streams) hwy::FlushStream();
}

// sum_i f(a_i, y_i) along a row, where f(0, 0) = 0.
template <bool kTwo, class T, class Function>
HWY_INLINE T sum_row(const T* a, const T* y, int64_t n, Function f) {
  constexpr int64_t L = kLanes<T>;
  Vec<T> s0(0), s1(0), s2(0), s3(0);
  const Vec<T> zero(0);
  const auto term = [&](int64_t i) HWY_ATTR { return f(Vec<T>::load(a + i), kTwo ? Vec<T>::load(y + i) : zero); };
  int64_t i = 0;
  for (; i + 4 * L <= n; i += 4 * L) {
    s0 = s0 + term(i);
    s1 = s1 + term(i + L);
    s2 = s2 + term(i + 2 * L);
    s3 = s3 + term(i + 3 * L);
  }
  for (; i + L <= n; i += L) s0 = s0 + term(i);
  if (i < n) s1 = s1 + f(load_first(a + i, n - i, zero), kTwo ? load_first(y + i, n - i, zero) : zero);
  return sum_of_lanes((s0 + s1) + (s2 + s3));
}

// One row of a column tile: `kVectors` vectors side by side. If there is only one, it may be partial.
template <class T, int kVectors>
struct TileRow {
  Vec<T> at[kVectors];

  HWY_INLINE static TileRow filled(Vec<T> value) {
    TileRow row;
    for (auto& v : row.at) v = value;
    return row;
  }
  HWY_INLINE static TileRow load(const T* from, int64_t columns) {
    TileRow row;
    if (kVectors == 1 && columns < kLanes<T>) {
      row.at[0] = load_first(from, columns, Vec<T>(0));
    } else {
      for (int v = 0; v < kVectors; ++v) row.at[v] = Vec<T>::load(from + v * kLanes<T>);
    }
    return row;
  }
  HWY_INLINE void store(T* to, int64_t columns) const {
    if (kVectors == 1 && columns < kLanes<T>) {
      store_first(at[0], to, columns);
    } else {
      for (int v = 0; v < kVectors; ++v) at[v].store(to + v * kLanes<T>);
    }
  }
  HWY_INLINE void add(const TileRow& other) {
    for (int v = 0; v < kVectors; ++v) at[v] = at[v] + other.at[v];
  }
};

// The sum of the tile rows term(i) over i < n.
template <class T, int kVectors, class Term>
HWY_INLINE TileRow<T, kVectors> sum_tile(int64_t n, Term term) {
  auto total = TileRow<T, kVectors>::filled(Vec<T>(0));
  for (int64_t begin = 0; begin < n; begin += kRowsPerSum) {
    auto sum = TileRow<T, kVectors>::filled(Vec<T>(0));
    const int64_t end = begin + kRowsPerSum < n ? begin + kRowsPerSum : n;
    for (int64_t i = begin; i < end; ++i) sum.add(term(i));
    total.add(sum);
  }
  return total;
}

template <class T, int kVectors>
HWY_INLINE TileRow<T, kVectors> max_tile(const T* x, int64_t n, int64_t stride, int64_t columns) {
  auto max = TileRow<T, kVectors>::filled(-infinity<T>());
  for (int64_t i = 0; i < n; ++i) {
    const auto row = TileRow<T, kVectors>::load(x + i * stride, columns);
    for (int v = 0; v < kVectors; ++v) max.at[v] = quick_max(row.at[v], max.at[v]);
  }
  return max;
}

template <class T>
struct Softmax {
  static constexpr bool kBackward = false;

  static LogSumExp<T> partial(const T* x, const T* /*y*/, int64_t n) { return log_sum_exp(x, n); }

  static void write(const T* x, const T* /*y*/, T* out, int64_t n, LogSumExp<T> total, bool streams) {
    const Vec<T> max(total.max), factor(T(1) / total.sum);
    map_row<false>(x, x, out, n, streams, [&](Vec<T> v, Vec<T>) HWY_ATTR { return exp(v - max) * factor; });
  }

  // The exponentials are stored, and scaled once their sum is known.
  static void row(const T* x, const T* /*y*/, T* terms, T* out, int64_t n, bool streams) {
    const T max = max_of(x, n);
    const T sum = sum_exp(
        x, n, max, [&](int64_t i, Vec<T> e) HWY_ATTR { e.store(terms + i); },
        [&](int64_t i, Vec<T> e, int64_t left) HWY_ATTR { store_first(e, terms + i, left); });
    const Vec<T> factor(T(1) / sum);
    map_row<false>(terms, terms, out, n, streams, [&](Vec<T> e, Vec<T>) HWY_ATTR { return e * factor; });
  }

  template <int kVectors>
  HWY_INLINE static void tile(const T* x, const T* /*y*/, T* out, int64_t n, int64_t stride, int64_t columns) {
    using Row = TileRow<T, kVectors>;
    const Row max = max_tile<T, kVectors>(x, n, stride, columns);
    Row factor = sum_tile<T, kVectors>(n, [&](int64_t i) HWY_ATTR {
      Row row = Row::load(x + i * stride, columns);
      for (int v = 0; v < kVectors; ++v) row.at[v] = exp(row.at[v] - max.at[v]);
      row.store(out + i * stride, columns);
      return row;
    });
    for (auto& v : factor.at) v = Vec<T>(1) / v;
    for (int64_t i = 0; i < n; ++i) {
      Row row = Row::load(out + i * stride, columns);
      for (int v = 0; v < kVectors; ++v) row.at[v] = row.at[v] * factor.at[v];
      row.store(out + i * stride, columns);
    }
  }
};

template <class T>
struct LogSoftmax {
  static constexpr bool kBackward = false;

  static LogSumExp<T> partial(const T* x, const T* /*y*/, int64_t n) { return log_sum_exp(x, n); }

  static void write(const T* x, const T* /*y*/, T* out, int64_t n, LogSumExp<T> total, bool streams) {
    const Vec<T> max(total.max), log_sum(std::log(total.sum));
    map_row<false>(x, x, out, n, streams, [&](Vec<T> v, Vec<T>) HWY_ATTR { return (v - max) - log_sum; });
  }

  static void row(const T* x, const T* y, T* /*terms*/, T* out, int64_t n, bool streams) {
    write(x, y, out, n, partial(x, y, n), streams);
  }

  template <int kVectors>
  HWY_INLINE static void tile(const T* x, const T* /*y*/, T* out, int64_t n, int64_t stride, int64_t columns) {
    using Row = TileRow<T, kVectors>;
    const Row max = max_tile<T, kVectors>(x, n, stride, columns);
    Row log_sum = sum_tile<T, kVectors>(n, [&](int64_t i) HWY_ATTR {
      Row row = Row::load(x + i * stride, columns);
      for (int v = 0; v < kVectors; ++v) row.at[v] = exp(row.at[v] - max.at[v]);
      return row;
    });
    for (auto& v : log_sum.at) v = log(v);
    for (int64_t i = 0; i < n; ++i) {
      Row row = Row::load(x + i * stride, columns);
      for (int v = 0; v < kVectors; ++v) row.at[v] = (row.at[v] - max.at[v]) - log_sum.at[v];
      row.store(out + i * stride, columns);
    }
  }
};

// dx = Derived::gradient(dy, y, sum of Derived::term(dy, y))
template <class T, class Derived>
struct Backward {
  static constexpr bool kBackward = true;

  static LogSumExp<T> partial(const T* dy, const T* y, int64_t n) {
    const T sum =
        sum_row<Derived::kSumReadsOutput>(dy, y, n, [](Vec<T> g, Vec<T> v) HWY_ATTR { return Derived::term(g, v); });
    return {T(0), sum};
  }

  static void write(const T* dy, const T* y, T* out, int64_t n, LogSumExp<T> total, bool streams) {
    const Vec<T> sum(total.sum);
    map_row<true>(dy, y, out, n, streams, [&](Vec<T> g, Vec<T> v) HWY_ATTR { return Derived::gradient(g, v, sum); });
  }

  static void row(const T* dy, const T* y, T* /*terms*/, T* out, int64_t n, bool streams) {
    write(dy, y, out, n, partial(dy, y, n), streams);
  }

  template <int kVectors>
  HWY_INLINE static void tile(const T* dy, const T* y, T* out, int64_t n, int64_t stride, int64_t columns) {
    using Row = TileRow<T, kVectors>;
    const Row sum = sum_tile<T, kVectors>(n, [&](int64_t i) HWY_ATTR {
      Row g = Row::load(dy + i * stride, columns);
      const Row row = Row::load(y + i * stride, columns);
      for (int v = 0; v < kVectors; ++v) g.at[v] = Derived::term(g.at[v], row.at[v]);
      return g;
    });
    for (int64_t i = 0; i < n; ++i) {
      Row g = Row::load(dy + i * stride, columns);
      const Row row = Row::load(y + i * stride, columns);
      for (int v = 0; v < kVectors; ++v) g.at[v] = Derived::gradient(g.at[v], row.at[v], sum.at[v]);
      g.store(out + i * stride, columns);
    }
  }
};

template <class T>
struct SoftmaxBackward : Backward<T, SoftmaxBackward<T>> {
  static constexpr bool kSumReadsOutput = true;
  static HWY_INLINE Vec<T> term(Vec<T> dy, Vec<T> y) { return dy * y; }
  static HWY_INLINE Vec<T> gradient(Vec<T> dy, Vec<T> y, Vec<T> sum) { return y * (dy - sum); }
};

template <class T>
struct LogSoftmaxBackward : Backward<T, LogSoftmaxBackward<T>> {
  static constexpr bool kSumReadsOutput = false;
  static HWY_INLINE Vec<T> term(Vec<T> dy, Vec<T> /*y*/) { return dy; }
  static HWY_INLINE Vec<T> gradient(Vec<T> dy, Vec<T> y, Vec<T> sum) { return neg_mul_add(exp(y), sum, dy); }
};

template <class T, class Function>
void columns(const T* a, const T* y, T* out, int64_t n, int64_t stride, int64_t count) {
  if (count == 4 * kLanes<T>) return Function::template tile<4>(a, y, out, n, stride, count);
  for (int64_t j = 0; j < count; j += kLanes<T>) {
    const int64_t left = count - j < kLanes<T> ? count - j : kLanes<T>;
    Function::template tile<1>(a + j, y == nullptr ? y : y + j, out + j, n, stride, left);
  }
}

template <class T, class Function>
SoftmaxKernels<T> make_kernels() {
  return {&Function::partial, &Function::write, &Function::row,     &columns<T, Function>,
          kLanes<T>,          4 * kLanes<T>,    Function::kBackward};
}

template <class T>
SoftmaxKernels<T> kernels_of(int function) {
  switch (function) {
    case 0:
      return make_kernels<T, Softmax<T>>();
    case 1:
      return make_kernels<T, LogSoftmax<T>>();
    case 2:
      return make_kernels<T, SoftmaxBackward<T>>();
    default:
      return make_kernels<T, LogSoftmaxBackward<T>>();
  }
}
SoftmaxKernels<float> float_softmax(int function) { return kernels_of<float>(function); }
SoftmaxKernels<double> double_softmax(int function) { return kernels_of<double>(function); }

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>
#include <type_traits>

#include "backend/axis.h"
#include "backend/dispatch.h"
#include "cpu/cache_size.h"
#include "cpu/convert.h"
#include "cpu/kernels/copy.h"
#include "cpu/thread_pool.h"
#include "cpu/workspace.h"
#include "generated/cpu/activations.g.h"
#include "tensor/integer_math.h"

namespace ts::cpu {
namespace {

HWY_EXPORT(float_softmax);
HWY_EXPORT(double_softmax);

enum class Function : int { Softmax = 0, LogSoftmax = 1, SoftmaxBackward = 2, LogSoftmaxBackward = 3 };

template <class C>
SoftmaxKernels<C> kernels(Function function) {
  if constexpr (std::is_same_v<C, float>) {
    return TS_SIMD_DISPATCH(float_softmax)(static_cast<int>(function));
  } else {
    return TS_SIMD_DISPATCH(double_softmax)(static_cast<int>(function));
  }
}

template <class C>
C* scratch(std::int64_t count) {
  static Workspace workspace;
  return static_cast<C*>(workspace.reserve(static_cast<std::size_t>(count) * sizeof(C)));
}


// One call, for elements stored as T and computed as C.
template <class T>
class SoftmaxLoop {
 public:
  using C = std::conditional_t<std::is_same_v<T, double>, double, float>;
  static constexpr bool kConverts = !std::is_same_v<T, C>;

  SoftmaxLoop(Function function, const T* a, const T* y, T* out, Axis axis)
      : kernel_(kernels<C>(function)),
        a_(a),
        y_(y),
        out_(out),
        axis_(axis),
        widen_(converter(dtype_of<T>, dtype_of<C>)),
        narrow_(converter(dtype_of<C>, dtype_of<T>)) {
    // Cache lines that would be evicted before they are read again need not enter the cache.
    streams_ = !kConverts && axis.inner == 1 && axis.size % kernel_.lanes == 0 &&
               axis.numel() * static_cast<std::int64_t>(sizeof(T)) > cache_sizes().l3 &&
               reinterpret_cast<std::uintptr_t>(out) % 64 == 0;
  }

  void run() {
    if (axis_.numel() == 0) return;
    if (axis_.inner > 1) {
      axis_.inner < kernel_.lanes ? few_columns() : tiles();
    } else if (axis_.size <= kSoftmaxBlock) {
      rows();
    } else {
      long_rows();
    }
  }

 private:
  std::int64_t grain(std::int64_t elements) const {
    return std::max<std::int64_t>(1, kMinParallelBytes / 8 / std::max<std::int64_t>(1, elements));
  }

  // `n` elements as C: the stored ones, or converted ones in `room`.
  const C* load(const T* from, C* room, std::int64_t n) const {
    if constexpr (kConverts) {
      if (from != nullptr) widen_(from, room, n);
      return room;
    } else {
      return from;
    }
  }
  // The address to which results are written as C; store() then converts them into memory if necessary.
  C* target(T* to, C* room) const {
    if constexpr (kConverts) {
      return room;
    } else {
      return to;
    }
  }
  void store(const C* from, T* to, std::int64_t n) const {
    if constexpr (kConverts) narrow_(from, to, n);
  }
  const T* output_at(std::int64_t i) const { return y_ == nullptr ? nullptr : y_ + i; }

  void merge(LogSumExp<C>& total, const LogSumExp<C>& part) const {
    if (kernel_.backward) {
      total.sum += part.sum;
    } else {
      total.add(part);
    }
  }

  void rows() {
    const std::int64_t n = axis_.size;
    parallel_for(axis_.outer, grain(n), [&](std::int64_t begin, std::int64_t end) {
      C* const room = scratch<C>(2 * n);
      for (std::int64_t i = begin * n; i < end * n; i += n) {
        C* const out = target(out_ + i, room);
        kernel_.row(load(a_ + i, room, n), load(output_at(i), room + n, n), streams_ ? room : out, out, n, streams_);
        store(out, out_ + i, n);
      }
    });
  }

  void long_rows() {
    const std::int64_t n = axis_.size, blocks = ceil_div(n, kSoftmaxBlock);
    const auto for_each_block = [&](auto fn) {
      parallel_for(axis_.outer * blocks, grain(kSoftmaxBlock), [&](std::int64_t begin, std::int64_t end) {
        C* const room = scratch<C>(2 * kSoftmaxBlock);
        for (std::int64_t task = begin; task < end; ++task) {
          const std::int64_t row = task / blocks, at = task % blocks * kSoftmaxBlock;
          const std::int64_t count = std::min(kSoftmaxBlock, n - at), i = row * n + at;
          fn(task, row, i, count, load(a_ + i, room, count), load(output_at(i), room + kSoftmaxBlock, count), room);
        }
      });
    };
    static Workspace partial_sums;
    auto* const sums = static_cast<LogSumExp<C>*>(
        partial_sums.reserve(static_cast<std::size_t>(axis_.outer * blocks) * sizeof(LogSumExp<C>)));
    for_each_block([&](std::int64_t task, std::int64_t, std::int64_t, std::int64_t count, const C* a, const C* y, C*) {
      sums[task] = kernel_.partial(a, y, count);
    });
    // The total of a row replaces the sum of its first block.
    for (std::int64_t row = 0; row < axis_.outer; ++row) {
      LogSumExp<C>& total = sums[row * blocks];
      for (std::int64_t block = 1; block < blocks; ++block) merge(total, sums[row * blocks + block]);
    }
    for_each_block(
        [&](std::int64_t, std::int64_t row, std::int64_t i, std::int64_t count, const C* a, const C* y, C* room) {
          C* const out = target(out_ + i, room);
          kernel_.write(a, y, out, count, sums[row * blocks], streams_);
          store(out, out_ + i, count);
        });
  }

  void tiles() {
    const std::int64_t n = axis_.size, inner = axis_.inner, width = kernel_.tile_width;
    const std::int64_t across = ceil_div(inner, width);
    parallel_for(axis_.outer * across, grain(n * std::min(width, inner)), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t task = begin; task < end; ++task) {
        const std::int64_t column = task % across * width, count = std::min(width, inner - column);
        const std::int64_t first = task / across * n * inner + column;
        if constexpr (kConverts) {
          C* const room = scratch<C>(2 * n * count);
          for (std::int64_t i = 0; i < n; ++i) {
            widen_(a_ + first + i * inner, room + i * count, count);
            if (y_ != nullptr) widen_(y_ + first + i * inner, room + (n + i) * count, count);
          }
          kernel_.columns(room, room + n * count, room, n, count, count);
          for (std::int64_t i = 0; i < n; ++i) narrow_(room + i * count, out_ + first + i * inner, count);
        } else {
          kernel_.columns(a_ + first, output_at(first), out_ + first, n, inner, count);
        }
      }
    });
  }

  void few_columns() {
    const std::int64_t n = axis_.size, inner = axis_.inner;
    parallel_for(axis_.outer * inner, grain(n * 2), [&](std::int64_t begin, std::int64_t end) {
      C* const room = scratch<C>(2 * n);
      for (std::int64_t task = begin; task < end; ++task) {
        const std::int64_t first = task / inner * n * inner + task % inner;
        gather(a_ + first, room);
        if (y_ != nullptr) gather(y_ + first, room + n);
        LogSumExp<C> total;
        if (kernel_.backward) total.max = 0;
        for (std::int64_t i = 0; i < n; i += kSoftmaxBlock) {
          merge(total, kernel_.partial(room + i, room + n + i, std::min(kSoftmaxBlock, n - i)));
        }
        kernel_.write(room, room + n, room, n, total, false);
        scatter(room, out_ + first);
      }
    });
  }

  void gather(const T* from, C* to) const {
    for (std::int64_t i = 0; i < axis_.size; ++i) to[i] = to_compute(from[i * axis_.inner]);
  }
  void scatter(const C* from, T* to) const {
    for (std::int64_t i = 0; i < axis_.size; ++i) to_storage(from[i], to[i * axis_.inner]);
  }
  static C to_compute(T value) {
    if constexpr (kConverts) {
      return to_float(value);
    } else {
      return value;
    }
  }
  static void to_storage(C value, T& to) {
    if constexpr (std::is_same_v<T, Half>) {
      to = to_half(value);
    } else if constexpr (std::is_same_v<T, BFloat16>) {
      to = to_bfloat16(value);
    } else {
      to = value;
    }
  }

  const SoftmaxKernels<C> kernel_;
  const T* const a_;
  const T* const y_;
  T* const out_;
  const Axis axis_;
  const Converter widen_, narrow_;
  bool streams_;
};

void run(Function function, const Tensor& result, const Tensor& a, const Tensor* y, std::int64_t dim) {
  dispatch_floating(result.dtype(), [&]<class T>() {
    SoftmaxLoop<T>(function, a.data<T>(), y == nullptr ? nullptr : y->data<T>(), result.data<T>(),
                   axis_of(result.sizes(), dim))
        .run();
  });
}

}  // namespace

void softmax(const Tensor& result, const Tensor& self, std::int64_t dim) {
  run(Function::Softmax, result, self, nullptr, dim);
}

void log_softmax(const Tensor& result, const Tensor& self, std::int64_t dim) {
  run(Function::LogSoftmax, result, self, nullptr, dim);
}

void softmax_backward(const Tensor& result, const Tensor& grad_output, const Tensor& output, std::int64_t dim) {
  const Tensor y = dense(output);
  run(Function::SoftmaxBackward, result, grad_output, &y, dim);
}

void log_softmax_backward(const Tensor& result, const Tensor& grad_output, const Tensor& output, std::int64_t dim) {
  const Tensor y = dense(output);
  run(Function::LogSoftmaxBackward, result, grad_output, &y, dim);
}

}  // namespace ts::cpu

#endif  // HWY_ONCE
