// The most frequent element of each lane along a dimension, and the index of its last occurrence.
#include <algorithm>
#include <numeric>

#include "backend/axis.h"
#include "backend/dispatch.h"
#include "cpu/kernels/total_order.h"
#include "cpu/thread_pool.h"
#include "generated/cpu/sorting_and_searching.g.h"
#include "tensor/pool_vector.h"

namespace ts::cpu {
void mode_indices(const Tensor& result, const Tensor& self, std::int64_t dim) {
  if (self.numel() == 0) return;
  const Axis axis = axis_of(self.sizes(), dim);
  dispatch_all(self.dtype(), [&]<class T>() {
    const T* const from = static_cast<const T*>(self.raw_data());
    const std::int64_t grain = std::max<std::int64_t>(1, 4096 / axis.size);
    parallel_for(axis.outer * axis.inner, grain, [&](std::int64_t begin, std::int64_t end) {
      PoolVector<std::int64_t> order(static_cast<std::size_t>(axis.size));
      for (std::int64_t lane = begin; lane < end; ++lane) {
        const T* const values = from + lane / axis.inner * axis.size * axis.inner + lane % axis.inner;
        const auto value = [&](std::int64_t i) { return comparable(values[i * axis.inner]); };
        std::iota(order.begin(), order.end(), 0);
        std::stable_sort(order.begin(), order.end(),
                         [&](std::int64_t a, std::int64_t b) { return comes_before(value(a), value(b)); });
        std::int64_t best = order[0], most = 0, run = 0;
        for (std::size_t i = 0; i < order.size(); ++i) {
          run = i > 0 && value(order[i]) == value(order[i - 1]) ? run + 1 : 1;
          if (run <= most) continue;
          most = run;
          best = order[i];
        }
        result.data<std::int64_t>()[lane] = best;
      }
    });
  });
}

}  // namespace ts::cpu
