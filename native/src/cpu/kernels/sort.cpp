// Sorting along a dimension, the kernel behind argsort, topk, kthvalue, median and unique. NaN counts as the
// largest number.
#include <algorithm>
#include <numeric>

#include "backend/axis.h"
#include "backend/dispatch.h"
#include "cpu/thread_pool.h"
#include "generated/cpu/sorting_and_searching.g.h"
#include "tensor/pool_vector.h"

namespace ts::cpu {
namespace {

template <class T>
struct Key {
  using Type = T;
  static T of(T value) { return value; }
};
template <>
struct Key<Half> {
  using Type = float;
  static float of(Half value) { return to_float(value); }
};
template <>
struct Key<BFloat16> {
  using Type = float;
  static float of(BFloat16 value) { return to_float(value); }
};

template <class T>
bool comes_before(T a, T b) {
  return a < b || (b != b && a == a);
}

}  // namespace

// The sort is stable, so the indices of equal elements stay in order.
void sort_along(const Tensor& values, const Tensor& indices, const Tensor& self, std::int64_t dim, bool descending) {
  if (self.numel() == 0) return;
  const Axis axis = axis_of(self.sizes(), dim);
  dispatch_all(self.dtype(), [&]<class T>() {
    const T* const from = static_cast<const T*>(self.raw_data());
    T* const to = static_cast<T*>(values.raw_data());
    std::int64_t* const to_indices = indices.data<std::int64_t>();
    const std::int64_t grain = std::max<std::int64_t>(1, 4096 / axis.size);
    parallel_for(axis.outer * axis.inner, grain, [&](std::int64_t begin, std::int64_t end) {
      PoolVector<typename Key<T>::Type> keys(static_cast<std::size_t>(axis.size));
      PoolVector<std::int64_t> order(keys.size());
      for (std::int64_t lane = begin; lane < end; ++lane) {
        const std::int64_t base = lane / axis.inner * axis.size * axis.inner + lane % axis.inner;
        for (std::size_t i = 0; i < keys.size(); ++i) {
          keys[i] = Key<T>::of(from[base + static_cast<std::int64_t>(i) * axis.inner]);
        }
        std::iota(order.begin(), order.end(), 0);
        const auto key = [&](std::int64_t i) { return keys[static_cast<std::size_t>(i)]; };
        if (descending) {
          std::stable_sort(order.begin(), order.end(),
                           [&](std::int64_t a, std::int64_t b) { return comes_before(key(b), key(a)); });
        } else {
          std::stable_sort(order.begin(), order.end(),
                           [&](std::int64_t a, std::int64_t b) { return comes_before(key(a), key(b)); });
        }
        for (std::size_t i = 0; i < keys.size(); ++i) {
          const std::int64_t at = base + static_cast<std::int64_t>(i) * axis.inner;
          to[at] = from[base + order[i] * axis.inner];
          to_indices[at] = order[i];
        }
      }
    });
  });
}

}  // namespace ts::cpu
