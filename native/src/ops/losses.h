// What losses begin and end with (losses.cpp), and parts of their gradients (element_losses.cpp).
#pragma once

#include "torchscratch/enums.g.h"
#include "torchscratch/tensor.h"

namespace ts {

/// The target, which must have the shape of the input. Predictions (N, 1) and targets (N) would be broadcast to all
/// N x N pairs, and a model would learn the mean. Throws ShapeError.
const Tensor& target_of_same_shape(const Tensor& input, const Tensor& target);
/// For losses whose target may be broadcast to the shape of the input, or the reverse: throws ShapeError if the shape
/// would become larger than both.
void check_target_broadcasts(const Tensor& input, const Tensor& target);
Tensor reduce_loss(const Tensor& loss, Reduction reduction);
/// The second derivative of binary_cross_entropy with respect to input.
Tensor binary_cross_entropy_curvature(const Tensor& input, const Tensor& target);

}  // namespace ts
