// The largest or smallest element and its index: max, min, argmax and argmin, over the whole tensor or along
// one dimension.
//
// As in PyTorch, NaN counts as more extreme than any number, and the first of several equal elements is chosen. All
// functions search for the index; the value is then read from there, so that it is exact in every type.
//
// Along contiguous rows, a block is first searched for its extreme value; only if that beats all earlier ones is the
// block searched again for the index, while it is still in L1. Along other dimensions, a tile of columns keeps its
// values and indices side by side. float16 and bfloat16 are compared as float.
#include "cpu/simd_target.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "cpu/kernels/extremum.cpp"
#include <hwy/foreach_target.h>  // IWYU pragma: keep
#include <hwy/highway.h>

#include "cpu/vec_tail-inl.h"

#ifndef TS_CPU_EXTREMUM_KERNELS
#define TS_CPU_EXTREMUM_KERNELS
#include <cmath>
#include <type_traits>

namespace ts::cpu {

/// Number of columns in a tile.
inline constexpr std::int64_t kExtremumTile = 1024;

template <class T>
struct ExtremumKernels {
  /// The index of the extreme element among n > 0.
  std::int64_t (*row)(const T* x, std::int64_t n);
  /// Processes the next row of `columns` <= kExtremumTile elements, which has index `place`: where an element beats the
  /// current value, replaces the value and its index.
  void (*take_in)(const T* x, std::int64_t columns, std::int32_t place, T* values, std::int32_t* places);
};

}  // namespace ts::cpu
#endif

HWY_BEFORE_NAMESPACE();
namespace ts::cpu {
namespace HWY_NAMESPACE {

// Number of elements that stay in L1 between the search for the value and the search for its index.
constexpr int64_t kSearchBlock = 4096;

template <bool kMax, class T>
HWY_INLINE bool beats(T a, T b) {
  if constexpr (kMax) {
    return a > b;
  } else {
    return a < b;
  }
}

// The extreme value of n > 0 elements, or NaN if there is one.
template <bool kMax, class T>
HWY_INLINE T extreme_value(const T* x, int64_t n) {
  if constexpr (std::is_integral_v<T>) {
    T best = x[0];
    for (int64_t i = 1; i < n; ++i) best = beats<kMax>(x[i], best) ? x[i] : best;
    return best;
  } else {
    constexpr int64_t L = kLanes<T>;
    const Vec<T> first(x[0]);
    Vec<T> b0 = first, b1 = first;
    Mask<T> nan = isnan(first);
    const auto take = [&](Vec<T> v, Vec<T>& best) HWY_ATTR {
      nan = nan || isnan(v);
      best = select(kMax ? v > best : v < best, v, best);
    };
    int64_t i = 0;
    for (; i + 2 * L <= n; i += 2 * L) {
      take(Vec<T>::load(x + i), b0);
      take(Vec<T>::load(x + i + L), b1);
    }
    for (; i < n; i += L) take(load_first(x + i, n - i < L ? n - i : L, first), b0);
    if (any(nan)) return std::numeric_limits<T>::quiet_NaN();
    HWY_ALIGN T lanes[Vec<T>::kLanes];
    select(kMax ? b1 > b0 : b1 < b0, b1, b0).store(lanes);
    T best = lanes[0];
    for (const T lane : lanes) best = beats<kMax>(lane, best) ? lane : best;
    return best;
  }
}

// The index of the first element equal to `value`, or of the first NaN if `value` is NaN. Runs without such an element
// are skipped by a loop that the compiler vectorizes.
template <class T>
HWY_INLINE int64_t find_first(const T* x, int64_t n, T value) {
  constexpr int64_t kRun = 64;
  const bool is_nan = value != value;
  int64_t i = 0;
  for (; i + kRun <= n; i += kRun) {
    int found = 0;
    for (int64_t j = i; j < i + kRun; ++j) found |= static_cast<int>(x[j] == value) | static_cast<int>(x[j] != x[j]);
    if (found != 0) break;
  }
  while (i + 1 < n && !(is_nan ? x[i] != x[i] : x[i] == value)) ++i;
  return i;
}

template <bool kMax, class T>
int64_t extreme_place(const T* x, int64_t n) {
  int64_t place = 0;
  T best = x[0];
  for (int64_t begin = 0; begin < n && best == best; begin += kSearchBlock) {
    const int64_t count = n - begin < kSearchBlock ? n - begin : kSearchBlock;
    const T value = extreme_value<kMax>(x + begin, count);
    if (begin > 0 && !beats<kMax>(value, best) && value == value) continue;
    best = value;
    place = begin + find_first(x + begin, count, value);
  }
  return place;
}

template <bool kMax, class T>
void take_in_row(const T* HWY_RESTRICT x, int64_t columns, int32_t place, T* HWY_RESTRICT values,
                 int32_t* HWY_RESTRICT places) {
  for (int64_t j = 0; j < columns; ++j) {
    const T value = x[j], best = values[j];
    bool wins = beats<kMax>(value, best);
    if constexpr (std::is_floating_point_v<T>) wins = wins | ((value != value) & (best == best));
    values[j] = wins ? value : best;
    places[j] = wins ? place : places[j];
  }
}

template <class T>
ExtremumKernels<T> extremum_kernels(bool is_max) {
  if (is_max) return {&extreme_place<true, T>, &take_in_row<true, T>};
  return {&extreme_place<false, T>, &take_in_row<false, T>};
}

ExtremumKernels<float> float32_extremum(bool is_max) { return extremum_kernels<float>(is_max); }
ExtremumKernels<double> float64_extremum(bool is_max) { return extremum_kernels<double>(is_max); }
ExtremumKernels<uint8_t> uint8_extremum(bool is_max) { return extremum_kernels<uint8_t>(is_max); }
ExtremumKernels<int8_t> int8_extremum(bool is_max) { return extremum_kernels<int8_t>(is_max); }
ExtremumKernels<int16_t> int16_extremum(bool is_max) { return extremum_kernels<int16_t>(is_max); }
ExtremumKernels<int32_t> int32_extremum(bool is_max) { return extremum_kernels<int32_t>(is_max); }
ExtremumKernels<int64_t> int64_extremum(bool is_max) { return extremum_kernels<int64_t>(is_max); }

}  // namespace HWY_NAMESPACE
}  // namespace ts::cpu
HWY_AFTER_NAMESPACE();

#if HWY_ONCE

#include <algorithm>

#include "backend/axis.h"
#include "backend/dispatch.h"
#include "cpu/convert.h"
#include "cpu/thread_pool.h"
#include "cpu/workspace.h"
#include "generated/cpu/reductions.g.h"

namespace ts::cpu {
namespace {

HWY_EXPORT(float32_extremum);
HWY_EXPORT(float64_extremum);
HWY_EXPORT(uint8_extremum);
HWY_EXPORT(int8_extremum);
HWY_EXPORT(int16_extremum);
HWY_EXPORT(int32_extremum);
HWY_EXPORT(int64_extremum);

template <class C>
ExtremumKernels<C> kernels(bool is_max) {
  if constexpr (std::is_same_v<C, float>) return TS_SIMD_DISPATCH(float32_extremum)(is_max);
  else if constexpr (std::is_same_v<C, double>) return TS_SIMD_DISPATCH(float64_extremum)(is_max);
  else if constexpr (std::is_same_v<C, std::uint8_t>) return TS_SIMD_DISPATCH(uint8_extremum)(is_max);
  else if constexpr (std::is_same_v<C, std::int8_t>) return TS_SIMD_DISPATCH(int8_extremum)(is_max);
  else if constexpr (std::is_same_v<C, std::int16_t>) return TS_SIMD_DISPATCH(int16_extremum)(is_max);
  else if constexpr (std::is_same_v<C, std::int32_t>) return TS_SIMD_DISPATCH(int32_extremum)(is_max);
  else return TS_SIMD_DISPATCH(int64_extremum)(is_max);
}

// Longer rows are divided into blocks of this many elements, which the threads share.
constexpr std::int64_t kBlock = 65536;

template <class T>
class ExtremumLoop {
 public:
  using C = std::conditional_t<std::is_same_v<T, Half> || std::is_same_v<T, BFloat16>, float, T>;
  static constexpr bool kConverts = !std::is_same_v<T, C>;

  // `values` and `places` may be null.
  ExtremumLoop(bool is_max, Axis axis, const T* x, T* values, std::int64_t* places)
      : is_max_(is_max),
        kernel_(kernels<C>(is_max)),
        axis_(axis),
        x_(x),
        values_(values),
        places_(places),
        widen_(converter(dtype_of<T>, dtype_of<C>)) {}

  void run() {
    if (axis_.numel() == 0) return;
    if (axis_.inner == 1) {
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

  void put(std::int64_t outer, std::int64_t column, std::int64_t place) const {
    const std::int64_t at = outer * axis_.inner + column;
    if (places_ != nullptr) places_[at] = place;
    if (values_ != nullptr) values_[at] = x_[(outer * axis_.size + place) * axis_.inner + column];
  }

  static C widened(T value) {
    if constexpr (kConverts) {
      return to_float(value);
    } else {
      return value;
    }
  }

  void rows() {
    const std::int64_t n = axis_.size, blocks = (n + kBlock - 1) / kBlock;
    static Workspace block_places;
    auto* const found = static_cast<std::int64_t*>(
        block_places.reserve(static_cast<std::size_t>(axis_.outer * blocks) * sizeof(std::int64_t)));
    parallel_for(axis_.outer * blocks, grain(std::min(n, kBlock)), [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t task = begin; task < end; ++task) {
        const std::int64_t first = task % blocks * kBlock, count = std::min(kBlock, n - first);
        found[task] = first + block_place(x_ + task / blocks * n + first, count);
      }
    });
    for (std::int64_t row = 0; row < axis_.outer; ++row) {
      std::int64_t place = found[row * blocks];
      for (std::int64_t block = 1; block < blocks; ++block) {
        const std::int64_t other = found[row * blocks + block];
        const C best = widened(x_[row * n + place]), value = widened(x_[row * n + other]);
        if ((is_max_ ? value > best : value < best) || (value != value && best == best)) place = other;
      }
      put(row, 0, place);
    }
  }

  std::int64_t block_place(const T* x, std::int64_t count) const {
    if constexpr (kConverts) {
      static Workspace workspace;
      C* const room = static_cast<C*>(workspace.reserve(static_cast<std::size_t>(count) * sizeof(C)));
      widen_(x, room, count);
      return kernel_.row(room, count);
    } else {
      return kernel_.row(x, count);
    }
  }

  void columns() {
    const std::int64_t n = axis_.size, inner = axis_.inner, tiles = (inner + kExtremumTile - 1) / kExtremumTile;
    TS_CHECK(n <= INT32_MAX, NotSupportedError, "a dimension of ", n,
             " elements is too long to be searched unless it is the last dimension; transpose the tensor first");
    parallel_for(axis_.outer * tiles, grain(n * std::min(inner, kExtremumTile)),
                 [&](std::int64_t begin, std::int64_t end) {
                   C values[kExtremumTile], converted[kExtremumTile];
                   std::int32_t places[kExtremumTile];
                   for (std::int64_t task = begin; task < end; ++task) {
                     const std::int64_t outer = task / tiles, column = task % tiles * kExtremumTile;
                     const std::int64_t count = std::min(kExtremumTile, inner - column);
                     const T* row = x_ + outer * n * inner + column;
                     widen_(row, values, count);
                     std::fill(places, places + count, 0);
                     for (std::int64_t i = 1; i < n; ++i) {
                       row += inner;
                       if constexpr (kConverts) {
                         widen_(row, converted, count);
                         kernel_.take_in(converted, count, static_cast<std::int32_t>(i), values, places);
                       } else {
                         kernel_.take_in(row, count, static_cast<std::int32_t>(i), values, places);
                       }
                     }
                     for (std::int64_t j = 0; j < count; ++j) put(outer, column + j, places[j]);
                   }
                 });
  }

  const bool is_max_;
  const ExtremumKernels<C> kernel_;
  const Axis axis_;
  const T* const x_;
  T* const values_;
  std::int64_t* const places_;
  const Converter widen_;
};

void search(bool is_max, const Tensor& self, Axis axis, const Tensor* values, const Tensor* places) {
  dispatch_all(self.dtype(), [&]<class T>() {
    ExtremumLoop<T>(is_max, axis, static_cast<const T*>(self.raw_data()),
                    values == nullptr ? nullptr : static_cast<T*>(values->raw_data()),
                    places == nullptr ? nullptr : places->data<std::int64_t>())
        .run();
  });
}

Axis everything(const Tensor& self) { return {1, self.numel(), 1}; }

Axis chosen(const Tensor& self, std::optional<std::int64_t> dim) {
  return dim ? axis_of(self.sizes(), *dim) : everything(self);
}

}  // namespace

void max_all(const Tensor& result, const Tensor& self) { search(true, self, everything(self), &result, nullptr); }
void min_all(const Tensor& result, const Tensor& self) { search(false, self, everything(self), &result, nullptr); }

void max_dim(const Tensor& values, const Tensor& indices, const Tensor& self, std::int64_t dim, bool /*keepdim*/) {
  search(true, self, axis_of(self.sizes(), dim), &values, &indices);
}
void min_dim(const Tensor& values, const Tensor& indices, const Tensor& self, std::int64_t dim, bool /*keepdim*/) {
  search(false, self, axis_of(self.sizes(), dim), &values, &indices);
}

void amax_rows(const Tensor& result, const Tensor& self) { search(true, self, axis_of(self.sizes(), 1), &result, nullptr); }
void amin_rows(const Tensor& result, const Tensor& self) { search(false, self, axis_of(self.sizes(), 1), &result, nullptr); }

void argmax(const Tensor& result, const Tensor& self, std::optional<std::int64_t> dim, bool /*keepdim*/) {
  search(true, self, chosen(self, dim), nullptr, &result);
}
void argmin(const Tensor& result, const Tensor& self, std::optional<std::int64_t> dim, bool /*keepdim*/) {
  search(false, self, chosen(self, dim), nullptr, &result);
}

}  // namespace ts::cpu

#endif  // HWY_ONCE
