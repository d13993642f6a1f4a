// Gradients of scatter_reduce (scatter.cpp).
#pragma once

#include "torchscratch/enums.g.h"
#include "torchscratch/tensor.h"

namespace ts {

Tensor scatter_reduce_self_gradient(const Tensor& grad, const Tensor& self, std::int64_t dim, const Tensor& index,
                                    const Tensor& src, ScatterReduction reduce, bool include_self,
                                    const Tensor& result);
Tensor scatter_reduce_src_gradient(const Tensor& grad, const Tensor& self, std::int64_t dim, const Tensor& index,
                                   const Tensor& whole_src, ScatterReduction reduce, bool include_self,
                                   const Tensor& result);

}  // namespace ts
