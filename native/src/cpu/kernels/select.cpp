// Selection: the index of the k-th smallest element of each lane along the last dimension.
#include <algorithm>
#include <numeric>
#include <utility>

#include "backend/dispatch.h"
#include "cpu/thread_pool.h"
#include "generated/cpu/sorting_and_searching.g.h"
#include "tensor/pool_vector.h"

namespace ts::cpu {
namespace {

// Hoare's selection with the median of three as the pivot (Numerical Recipes, 8.5): afterwards entry k of `order`,
// counted from 0, is the element that sorting would put there, with NaN last. Which of several equal elements that is
// depends on the order of exchanges, which is the same as PyTorch's.
template <class T>
std::int64_t select_kth(const T* values, std::int64_t* order, std::int64_t length, std::int64_t k) {
  const auto above = [&](std::int64_t a, std::int64_t b) {
    const T x = values[order[a]], y = values[order[b]];
    return x > y || (x != x && y == y);
  };
  std::int64_t left = 0, right = length - 1;
  while (right > left) {
    if (right == left + 1) {
      if (above(left, right)) std::swap(order[left], order[right]);
      break;
    }
    std::swap(order[left + (right - left) / 2], order[left + 1]);
    if (above(left + 1, right)) std::swap(order[left + 1], order[right]);
    if (above(left, right)) std::swap(order[left], order[right]);
    if (above(left + 1, left)) std::swap(order[left + 1], order[left]);
    std::int64_t i = left + 1, j = right;
    while (true) {
      do ++i;
      while (above(left, i));
      do --j;
      while (above(j, left));
      if (j < i) break;
      std::swap(order[i], order[j]);
    }
    std::swap(order[left], order[j]);
    if (j <= k) left = i;
    if (j >= k) right = j - 1;
  }
  return order[k];
}

template <class T>
void select_in_lanes(const Tensor& result, const T* values, std::int64_t length, std::int64_t k) {
  auto* const to = result.data<std::int64_t>();
  const std::int64_t grain = std::max<std::int64_t>(1, 4096 / length);
  parallel_for(result.numel(), grain, [&](std::int64_t begin, std::int64_t end) {
    PoolVector<std::int64_t> order(static_cast<std::size_t>(length));
    for (std::int64_t lane = begin; lane < end; ++lane) {
      std::iota(order.begin(), order.end(), std::int64_t{0});
      to[lane] = select_kth(values + lane * length, order.data(), length, k - 1);
    }
  });
}

}  // namespace

void kth_indices(const Tensor& result, const Tensor& self, std::int64_t k) {
  if (result.numel() == 0) return;
  const std::int64_t length = self.sizes().back();
  dispatch_all(self.dtype(), [&]<class T>() {
    // 16-bit floats are compared as float.
    if constexpr (sizeof(T) == 2 && !std::is_integral_v<T>) {
      PoolVector<float> wide(static_cast<std::size_t>(self.numel()));
      const T* const from = static_cast<const T*>(self.raw_data());
      std::transform(from, from + self.numel(), wide.begin(), [](T value) { return to_float(value); });
      select_in_lanes(result, wide.data(), length, k);
    } else {
      select_in_lanes(result, static_cast<const T*>(self.raw_data()), length, k);
    }
  });
}

}  // namespace ts::cpu
