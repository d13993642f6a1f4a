// The reduction that all losses end with (losses.cpp), and parts of their gradients (element_losses.cpp).
#pragma once

#include "torchscratch/enums.g.h"
#include "torchscratch/tensor.h"

namespace ts {

Tensor reduce_loss(const Tensor& loss, Reduction reduction);
/// The second derivative of binary_cross_entropy with respect to input.
Tensor binary_cross_entropy_curvature(const Tensor& input, const Tensor& target);

}  // namespace ts
