// The gradient of an embedding's weight (embedding.cpp).
#pragma once

#include "torchscratch/tensor.h"

namespace ts {

Tensor embedding_weight_gradient(const Tensor& grad, const Dims& sizes, const Tensor& places, std::int64_t padding_idx,
                                 bool scale_grad_by_freq);

}  // namespace ts
