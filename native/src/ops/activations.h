// Helpers for the rows of activations: checks of arguments, and gradients (activations.cpp).
#pragma once

#include "torchscratch/tensor.h"

namespace ts {

/// Returns `lambd` after checking that it is not negative.
Scalar softshrink_lambda(const Scalar& lambd);
/// The gradient of elu_backward with respect to self, for grad times grad_output.
Tensor elu_backward_self(const Tensor& product, const Tensor& self, const Scalar& alpha, const Scalar& scale,
                         const Scalar& input_scale);
/// Second derivatives.
Tensor silu_curvature(const Tensor& self);
Tensor mish_curvature(const Tensor& self);
Tensor gelu_tanh_curvature(const Tensor& self);

}  // namespace ts
