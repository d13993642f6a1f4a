// Insertion positions in sorted lanes: the number of elements less than each value or, with `right`, less than or equal
// to it. Found by bisection; NaN is greater than every number and equals itself.
#include <algorithm>
#include <type_traits>

#include "backend/dispatch.h"
#include "cpu/thread_pool.h"
#include "generated/cpu/sorting_and_searching.g.h"

namespace ts::cpu {
namespace {

template <class T>
bool comes_before(T a, T b) {
  const auto number = [](T value) {
    if constexpr (sizeof(T) == 2 && !std::is_integral_v<T>) return to_float(value);
    else return value;
  };
  const auto x = number(a), y = number(b);
  return x < y || (y != y && x == x);
}

}  // namespace

void insertion_indices(const Tensor& result, const Tensor& sorted_sequence, const Tensor& values, bool right) {
  const std::int64_t length = sorted_sequence.size(-1);
  const bool shared = sorted_sequence.dim() == 1;
  const std::int64_t per_lane = std::max<std::int64_t>(1, shared ? values.numel() : values.size(-1));
  auto* const to = result.data<std::int64_t>();
  dispatch_all(values.dtype(), [&]<class T>() {
    const T* const lanes = static_cast<const T*>(sorted_sequence.raw_data());
    const T* const wanted = static_cast<const T*>(values.raw_data());
    parallel_for(values.numel(), 4096, [&](std::int64_t begin, std::int64_t end) {
      for (std::int64_t i = begin; i < end; ++i) {
        const T* const first = lanes + i / per_lane * length;
        const T* const at = right ? std::upper_bound(first, first + length, wanted[i], comes_before<T>)
                                  : std::lower_bound(first, first + length, wanted[i], comes_before<T>);
        to[i] = at - first;
      }
    });
  });
}

}  // namespace ts::cpu
