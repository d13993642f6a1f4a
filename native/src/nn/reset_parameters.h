// The values of a newly made linear layer or convolution, which are PyTorch's.
#pragma once

#include "torchscratch/tensor.h"

namespace ts::nn {

/// Fills the weight by kaiming_uniform_ with slope sqrt(5), which is uniform in [-b, b) with b = 1 / sqrt(fan_in), and
/// the bias with the same bound. The bias may be undefined.
void reset_parameters(const Tensor& weight, const Tensor& bias);

}  // namespace ts::nn
