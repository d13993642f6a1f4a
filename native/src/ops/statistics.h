// Helpers for the rows that compute moments, norms and distances (statistics.cpp).
#pragma once

#include <tuple>

#include "ops/argument_types.h"
#include "torchscratch/tensor.h"

namespace ts {

/// The variance with the divisor n - correction, or with `root` its square root, and the mean, in the type of self.
std::tuple<Tensor, Tensor> spread_and_mean(const Tensor& self, const OptionalInts& dim, std::int64_t correction,
                                           bool keepdim, bool root);
/// The square root, with a gradient of 0 instead of infinity at 0.
Tensor sqrt_or_zero(const Tensor& square);
/// grad divided equally among the elements of each row where `mask` is true.
Tensor share_in_rows(const Tensor& grad, const Tensor& mask);

}  // namespace ts
