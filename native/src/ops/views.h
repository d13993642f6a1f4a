// The gradient of unfold (views.cpp).
#pragma once

#include "torchscratch/tensor.h"

namespace ts {

Tensor unfold_backward(const Tensor& grad, const Dims& sizes, std::int64_t dimension, std::int64_t size,
                       std::int64_t step);

}  // namespace ts
