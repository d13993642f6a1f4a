// The operations needed to find distinct rows: the ascending order of a matrix's rows, and the positions where a row
// differs from the one before it.
#include <algorithm>
#include <numeric>

#include "backend/dispatch.h"
#include "cpu/kernels/total_order.h"
#include "cpu/thread_pool.h"
#include "generated/cpu/sorting_and_searching.g.h"

namespace ts::cpu {
namespace {

template <class T>
bool equal(const T* a, const T* b, std::int64_t length) {
  return std::equal(a, a + length, b, [](T x, T y) { return comparable(x) == comparable(y); });
}

template <class T>
bool row_before(const T* a, const T* b, std::int64_t length) {
  for (std::int64_t i = 0; i < length; ++i) {
    const auto x = comparable(a[i]), y = comparable(b[i]);
    if (comes_before(x, y)) return true;
    if (comes_before(y, x)) return false;
  }
  return false;
}

}  // namespace

void slice_order(const Tensor& result, const Tensor& slices) {
  const std::int64_t length = slices.size(1);
  auto* const order = result.data<std::int64_t>();
  std::iota(order, order + result.numel(), std::int64_t{0});
  dispatch_all(slices.dtype(), [&]<class T>() {
    const T* const data = static_cast<const T*>(slices.raw_data());
    std::stable_sort(order, order + result.numel(), [&](std::int64_t a, std::int64_t b) {
      return row_before(data + a * length, data + b * length, length);
    });
  });
}

void slice_starts(const Tensor& result, const Tensor& slices, const Tensor& order) {
  const std::int64_t length = slices.size(1);
  const auto* const row = order.data<std::int64_t>();
  auto* const starts = static_cast<std::uint8_t*>(result.raw_data());
  dispatch_all(slices.dtype(), [&]<class T>() {
    const T* const data = static_cast<const T*>(slices.raw_data());
    parallel_for(result.numel(), 4096, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        starts[i] = i == 0 || !equal(data + row[i - 1] * length, data + row[i] * length, length);
      }
    });
  });
}

}  // namespace ts::cpu
