// The reduction that all losses end with (losses.cpp).
#pragma once

#include "torchscratch/enums.g.h"
#include "torchscratch/tensor.h"

namespace ts {

Tensor reduce_loss(const Tensor& loss, Reduction reduction);

}  // namespace ts
