// Helpers of the elementary functions' rows: checked arguments, and gradients (elementary.cpp).
#pragma once

#include "torchscratch/tensor.h"

namespace ts {

/// self, or bools converted to int64: for functions of numbers.
Tensor number_input(const Tensor& self);
/// `n`, checked to be an order of a derivative.
std::int64_t polygamma_order(std::int64_t n);
Tensor xlogy_backward_self(const Tensor& grad, const Tensor& self, const Tensor& other);
Tensor xlogy_backward_self(const Tensor& grad, const Tensor& self, const Scalar& other);
Tensor sinc_backward(const Tensor& grad, const Tensor& self);
Tensor logit_backward(const Tensor& grad, const Tensor& self, double eps);

}  // namespace ts
