// Random draws made of other draws.
#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "generated/functions/creation.g.h"
#include "torchscratch/autograd.h"
#include "torchscratch/operators.h"
#include "torchscratch/ops/all.g.h"
#include "torchscratch/ops/contiguous.g.h"
#include "torchscratch/ops/rand.g.h"
#include "torchscratch/ops/randn.g.h"
#include "torchscratch/ops/to.g.h"
#include "torchscratch/ops/zeros_like.g.h"
#include "torchscratch/tensor.h"

namespace ts {

Tensor normal_composite(const Tensor& mean, const Tensor& std) {
  const NoGrad no_grad;
  TS_CHECK(is_floating(mean.dtype()) && is_floating(std.dtype()), DTypeError, "takes floating tensors, got mean ",
           describe(mean), " and std ", describe(std));
  TS_CHECK(std.numel() == 0 || all(std >= 0).item<bool>(), ValueError, "std must not be negative anywhere");
  const Tensor spread = std + zeros_like(mean);  // broadcast and promoted
  return mean + randn(IntList(spread.sizes()), spread.dtype()) * spread;
}

namespace {

// Positions by inverse transform: where u falls among the running sums.
void draw_with_replacement(const double* weights, std::int64_t count, const double* uniform, std::int64_t draws,
                           std::int64_t* out) {
  std::vector<double> sums(static_cast<std::size_t>(count));
  std::partial_sum(weights, weights + count, sums.begin());
  for (std::int64_t i = 0; i < draws; ++i) {
    const auto place = std::upper_bound(sums.begin(), sums.end(), uniform[i] * sums.back());
    // Rounding may carry u * total to the total itself: then the last weight that is not zero was meant.
    out[i] = (place == sums.end() ? std::lower_bound(sums.begin(), sums.end(), sums.back()) : place) - sums.begin();
  }
}

// The smallest of independent exponential times with rates w belongs to i with probability w_i / sum(w), and so on
// among the rest: Efraimidis and Spirakis, "Weighted random sampling with a reservoir" (2006).
void draw_without_replacement(const double* weights, std::int64_t count, const double* uniform, std::int64_t draws,
                              std::int64_t* out) {
  std::vector<double> times(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i) {
    times[static_cast<std::size_t>(i)] = weights[i] > 0 ? -std::log1p(-uniform[i]) / weights[i] : INFINITY;
  }
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  std::iota(order.begin(), order.end(), std::int64_t{0});
  std::partial_sort(order.begin(), order.begin() + draws, order.end(), [&](std::int64_t a, std::int64_t b) {
    const double left = times[static_cast<std::size_t>(a)], right = times[static_cast<std::size_t>(b)];
    return left < right || (left == right && a < b);
  });
  std::copy_n(order.begin(), draws, out);
}

}  // namespace

Tensor multinomial_composite(const Tensor& self, std::int64_t num_samples, bool replacement) {
  const NoGrad no_grad;
  TS_CHECK(self.dim() == 1 || self.dim() == 2, ShapeError, "self must be (K) or (N, K) weights, got ", describe(self));
  TS_CHECK(is_floating(self.dtype()), DTypeError, "takes floating weights, got self ", describe(self));
  TS_CHECK(num_samples > 0, ValueError, "num_samples must be positive, got ", num_samples);
  const Tensor weights = contiguous(to(self, DType::Float64));
  const std::int64_t count = self.size(-1), rows = self.dim() == 2 ? self.size(0) : 1;
  TS_CHECK(count > 0, ShapeError, "self must have at least one weight in a row, got ", describe(self));
  TS_CHECK(replacement || num_samples <= count, ValueError, "num_samples ", num_samples,
           " without replacement is more than the ", count, " weights");
  const double* row = weights.data<double>();
  for (std::int64_t r = 0; r < rows; ++r, row += count) {
    double total = 0;
    std::int64_t possible = 0;
    for (std::int64_t i = 0; i < count; ++i) {
      TS_CHECK(row[i] >= 0 && std::isfinite(row[i]), ValueError, "weights must be finite and not negative, self has ",
               row[i]);
      total += row[i];
      possible += row[i] > 0;
    }
    TS_CHECK(total > 0 && std::isfinite(total), ValueError, "the weights of a row must add up to a positive number");
    TS_CHECK(replacement || num_samples <= possible, ValueError, "num_samples ", num_samples,
             " without replacement is more than the ", possible, " weights that are not zero");
  }
  Dims shape = self.sizes();
  shape[self.dim() - 1] = num_samples;
  const Tensor result = empty(shape, DType::Int64);
  const std::int64_t numbers = replacement ? num_samples : count;
  const Tensor uniform = rand({rows, numbers}, DType::Float64);
  for (std::int64_t r = 0; r < rows; ++r) {
    const auto draw = replacement ? &draw_with_replacement : &draw_without_replacement;
    draw(weights.data<double>() + r * count, count, uniform.data<double>() + r * numbers, num_samples,
         result.data<std::int64_t>() + r * num_samples);
  }
  return result;
}

}  // namespace ts
