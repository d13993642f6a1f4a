// Helpers for the rows of elementary functions: checks of arguments, and gradients (elementary.cpp).
#pragma once

#include "torchscratch/tensor.h"

namespace ts {

/// self, with bool converted to int64, for functions that are defined for numbers only.
Tensor number_input(const Tensor& self);
/// Returns `n` after checking that it is a valid order of a derivative (not negative).
std::int64_t polygamma_order(std::int64_t n);
Tensor xlogy_backward_self(const Tensor& grad, const Tensor& self, const Tensor& other);
Tensor xlogy_backward_self(const Tensor& grad, const Tensor& self, const Scalar& other);
/// The second derivative of sinc.
Tensor sinc_curvature(const Tensor& self);
Tensor logit_backward(const Tensor& grad, const Tensor& self, double eps);

}  // namespace ts
