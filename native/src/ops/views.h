// The gradient of unfold, and the limit of results in a list (views.cpp).
#pragma once

#include "torchscratch/tensor.h"

namespace ts {

/// The most tensors that one call returns in a list. More would fill the memory before the caller sees the first.
inline constexpr std::int64_t kMaxParts = std::int64_t{1} << 20;
/// Throws ValueError if a call would return more than kMaxParts tensors.
void check_part_count(std::int64_t count);

Tensor unfold_backward(const Tensor& grad, const Dims& sizes, std::int64_t dimension, std::int64_t size,
                       std::int64_t step);

}  // namespace ts
