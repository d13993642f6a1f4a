// Cumulative sums, products and extrema along one dimension. One thread processes a lane in order; float is accumulated
// in double and 16-bit floats in float.
#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>

#include "backend/axis.h"
#include "backend/dispatch.h"
#include "cpu/thread_pool.h"
#include "generated/cpu/running_functions.g.h"

namespace ts::cpu {
namespace {

template <class T>
T widened(T value) {
  return value;
}
inline double widened(float value) { return value; }
inline float widened(Half value) { return to_float(value); }
inline float widened(BFloat16 value) { return to_float(value); }

template <class T>
void store(T* to, T value) {
  *to = value;
}
inline void store(float* to, double value) { *to = static_cast<float>(value); }
inline void store(Half* to, float value) { *to = to_half(value); }
inline void store(BFloat16* to, float value) { *to = to_bfloat16(value); }

// Integers wrap around.
template <class T>
T add(T a, T b) {
  if constexpr (std::is_integral_v<T>)
    return static_cast<T>(static_cast<std::uint64_t>(a) + static_cast<std::uint64_t>(b));
  else return a + b;
}
template <class T>
T multiply(T a, T b) {
  if constexpr (std::is_integral_v<T>)
    return static_cast<T>(static_cast<std::uint64_t>(a) * static_cast<std::uint64_t>(b));
  else return a * b;
}

// Calls lane(first, stride) for each lane of elements along the axis.
template <class Lane>
void for_each_lane(const Axis& axis, Lane lane) {
  const std::int64_t grain = std::max<std::int64_t>(1, 16 * 1024 / std::max<std::int64_t>(1, axis.size));
  parallel_for(axis.outer * axis.inner, grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t i = begin; i < end; ++i) lane(i / axis.inner * axis.size * axis.inner + i % axis.inner, axis.inner);
  });
}

template <class T, class Combine>
void scan(const Tensor& result, const Tensor& self, std::int64_t dim, Combine combine) {
  const Axis axis = axis_of(self.sizes(), dim);  // checks dim, even if there is nothing to do
  if (self.numel() == 0) return;
  const T* const from = static_cast<const T*>(self.raw_data());
  T* const to = static_cast<T*>(result.raw_data());
  for_each_lane(axis, [&](std::int64_t at, std::int64_t stride) {
    auto running = widened(from[at]);
    store(to + at, running);
    for (std::int64_t i = 1; i < axis.size; ++i) {
      at += stride;
      running = combine(running, widened(from[at]));
      store(to + at, running);
    }
  });
}

// Takes the last of equal extrema, and NaN from its first occurrence on.
void scan_extremum(bool is_max, const Tensor& values, const Tensor& indices, const Tensor& self, std::int64_t dim) {
  const Axis axis = axis_of(self.sizes(), dim);  // checks dim, even if there is nothing to do
  if (self.numel() == 0) return;
  std::int64_t* const to_indices = indices.data<std::int64_t>();
  dispatch_all(self.dtype(), [&]<class T>() {
    const T* const from = static_cast<const T*>(self.raw_data());
    T* const to = static_cast<T*>(values.raw_data());
    for_each_lane(axis, [&](std::int64_t at, std::int64_t stride) {
      auto best = widened(from[at]);
      std::int64_t index = 0;
      for (std::int64_t i = 0; i < axis.size; ++i, at += stride) {
        const auto value = widened(from[at]);
        if (value != value || (best == best && (is_max ? value >= best : value <= best))) {
          best = value;
          index = i;
        }
        store(to + at, best);
        to_indices[at] = index;
      }
    });
  });
}

}  // namespace

void cumsum(const Tensor& result, const Tensor& self, std::int64_t dim) {
  dispatch_numeric(self.dtype(), [&]<class T>() {
    scan<T>(result, self, dim, [](auto sum, auto value) { return add(sum, value); });
  });
}

void cumprod(const Tensor& result, const Tensor& self, std::int64_t dim) {
  dispatch_numeric(self.dtype(), [&]<class T>() {
    scan<T>(result, self, dim, [](auto product, auto value) { return multiply(product, value); });
  });
}

void logcumsumexp(const Tensor& result, const Tensor& self, std::int64_t dim) {
  dispatch_floating(self.dtype(), [&]<class T>() {
    scan<T>(result, self, dim, [](auto a, auto b) {
      const auto low = std::min(a, b), high = std::max(a, b);
      if (a != a || b != b) return a + b;
      return low == high && std::isinf(low) ? low : high + std::log1p(std::exp(low - high));
    });
  });
}

void cummax(const Tensor& values, const Tensor& indices, const Tensor& self, std::int64_t dim) {
  scan_extremum(true, values, indices, self, dim);
}
void cummin(const Tensor& values, const Tensor& indices, const Tensor& self, std::int64_t dim) {
  scan_extremum(false, values, indices, self, dim);
}

}  // namespace ts::cpu
