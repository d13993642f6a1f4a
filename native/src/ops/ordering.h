// Gradients of cumulative functions (ordering.cpp).
#pragma once

#include "torchscratch/tensor.h"

namespace ts {

Tensor cumsum_backward(const Tensor& grad, std::int64_t dim);
Tensor cumprod_backward(const Tensor& grad, const Tensor& self, const Tensor& result, std::int64_t dim);
Tensor logcumsumexp_backward(const Tensor& grad, const Tensor& self, const Tensor& result, std::int64_t dim);

}  // namespace ts
