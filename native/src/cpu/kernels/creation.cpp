// Equally spaced numbers: arange and linspace. Element i is a function of i alone, so threads may share the elements.
#include <cmath>

#include "cpu/thread_pool.h"
#include "generated/cpu/creation.g.h"

namespace ts::cpu {
namespace {

// Computes element(i) for every i.
template <class T, class Element>
void fill_each(const Tensor& self, Element element) {
  T* const data = self.data<T>();
  parallel_for(self.numel(), kMinParallelBytes / static_cast<std::int64_t>(sizeof(T)),
               [&](std::int64_t begin, std::int64_t end) {
                 for (std::int64_t i = begin; i < end; ++i) data[i] = element(i);
               });
}

}  // namespace

void fill_arange(const Tensor& self, const Scalar& start, const Scalar& step) {
  if (self.dtype() == DType::Int64) {
    // Unsigned, because a product may pass the largest integer although the sum does not.
    const auto first = static_cast<std::uint64_t>(start.to_int()), by = static_cast<std::uint64_t>(step.to_int());
    fill_each<std::int64_t>(
        self, [=](std::int64_t i) { return static_cast<std::int64_t>(first + static_cast<std::uint64_t>(i) * by); });
  } else {
    const double first = start.to_double(), by = step.to_double();
    fill_each<double>(self, [=](std::int64_t i) { return first + static_cast<double>(i) * by; });
  }
}

void fill_linspace(const Tensor& self, double start, double end, std::int64_t lanes) {
  const std::int64_t steps = self.numel();
  const double step = steps > 1 ? (end - start) / static_cast<double>(steps - 1) : 0;
  // Each half is counted from its nearer end, so that both ends are exact.
  const auto spaced = [=](std::int64_t i) {
    return i < steps / 2 || steps == 1 ? start + step * static_cast<double>(i)
                                       : end - step * static_cast<double>(steps - 1 - i);
  };
  fill_each<double>(self, [=](std::int64_t i) {
    const std::int64_t first = i - i % lanes;
    if (lanes == 1 || first + lanes > steps) return spaced(i);
    return std::trunc(spaced(first)) + step * static_cast<double>(i - first);
  });
}

}  // namespace ts::cpu
