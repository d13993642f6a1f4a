// Convolutions in one to three dimensions, for a given rank (convolution.cpp).
#pragma once

#include "torchscratch/enums.g.h"
#include "torchscratch/tensor.h"

namespace ts {

Tensor convolution(const Tensor& input, const Tensor& weight, const Tensor& bias, IntList stride, IntList padding,
                   IntList dilation, std::int64_t groups, int rank);
Tensor convolution_padded(const Tensor& input, const Tensor& weight, const Tensor& bias, IntList stride,
                          ConvolutionPadding padding, IntList dilation, std::int64_t groups, int rank);
Tensor transposed_convolution(const Tensor& input, const Tensor& weight, const Tensor& bias, IntList stride,
                              IntList padding, IntList output_padding, std::int64_t groups, IntList dilation, int rank);

}  // namespace ts
