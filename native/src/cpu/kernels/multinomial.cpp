// Samples from discrete distributions, given uniform random numbers that were drawn beforehand.
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "cpu/thread_pool.h"
#include "generated/cpu/creation.g.h"
#include "tensor/pool_vector.h"

namespace ts::cpu {
namespace {

// Inverse transform sampling: the position of u among the cumulative sums.
void draw_with_replacement(const double* weights, std::int64_t count, const double* uniform, std::int64_t draws,
                           std::int64_t* out) {
  PoolVector<double> sums(static_cast<std::size_t>(count));
  std::partial_sum(weights, weights + count, sums.begin());
  for (std::int64_t i = 0; i < draws; ++i) {
    const auto place = std::upper_bound(sums.begin(), sums.end(), uniform[i] * sums.back());
    // u * total may be rounded up to the total itself; the sample is then the last weight that is not zero.
    out[i] = (place == sums.end() ? std::lower_bound(sums.begin(), sums.end(), sums.back()) : place) - sums.begin();
  }
}

// The smallest of independent exponential times with rates w belongs to i with probability w_i / sum(w), and the same
// holds for the following ones among the remaining indices: Efraimidis and Spirakis, "Weighted random sampling with a
// reservoir" (2006).
void draw_without_replacement(const double* weights, std::int64_t count, const double* uniform, std::int64_t draws,
                              std::int64_t* out) {
  PoolVector<double> times(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    times[static_cast<std::size_t>(i)] = weights[i] > 0 ? -std::log1p(-uniform[i]) / weights[i] : INFINITY;
  }
  PoolVector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::partial_sort(order.begin(), order.begin() + draws, order.end(), [&](std::int64_t a, std::int64_t b) {
    const double left = times[static_cast<std::size_t>(a)], right = times[static_cast<std::size_t>(b)];
    return left < right || (left == right && a < b);
  });
  std::copy_n(order.begin(), draws, out);
}

}  // namespace

void multinomial_draws(const Tensor& result, const Tensor& weights, const Tensor& uniform, std::int64_t count,
                       bool replacement) {
  const std::int64_t rows = weights.size(0), length = weights.size(1), numbers = uniform.size(1);
  const auto draw = replacement ? &draw_with_replacement : &draw_without_replacement;
  const std::int64_t grain = std::max<std::int64_t>(1, 4096 / std::max<std::int64_t>(1, length));
  parallel_for(rows, grain, [&](std::int64_t begin, std::int64_t end) {
    for (std::int64_t r = begin; r < end; ++r) {
      draw(weights.data<double>() + r * length, length, uniform.data<double>() + r * numbers, count,
           result.data<std::int64_t>() + r * count);
    }
  });
}

}  // namespace ts::cpu
