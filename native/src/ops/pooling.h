// Pooling over one to three dimensions, for a given rank, and its gradients (pooling.cpp).
#pragma once

#include <tuple>

#include "ops/argument_types.h"
#include "torchscratch/tensor.h"

namespace ts {

/// The dimensions that follow (N, C).
Dims spatial(const Dims& sizes);
std::tuple<Tensor, Tensor> max_pool(const Tensor& input, IntList kernel_size, const OptionalInts& stride,
                                    IntList padding, IntList dilation, bool ceil_mode, int rank);
std::tuple<Tensor, Tensor> adaptive_max_pool(const Tensor& input, IntList output_size, int rank);
/// Adds each element of grad at the index of its maximum in its volume.
Tensor max_pool_windows_backward(const Tensor& grad, const Tensor& indices, const Dims& input_size);
Tensor avg_pool(const Tensor& input, IntList kernel_size, const OptionalInts& stride, IntList padding, bool ceil_mode,
                bool count_include_pad, OptionalInt divisor_override, int rank);
Tensor adaptive_avg_pool(const Tensor& input, IntList output_size, int rank);
Tensor lp_pool(const Tensor& input, double norm_type, IntList kernel_size, const OptionalInts& stride, bool ceil_mode,
               int rank);

}  // namespace ts
