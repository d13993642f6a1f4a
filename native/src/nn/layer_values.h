// PyTorch's first values of a linear layer or a convolution.
#pragma once

#include "torchscratch/tensor.h"

namespace ts::nn {

/// Kaiming with slope sqrt(5) for the weight, which is a bound of 1 / sqrt(fan_in), and the same bound for the bias,
/// which may be undefined.
void fill_layer(const Tensor& weight, const Tensor& bias);

}  // namespace ts::nn
