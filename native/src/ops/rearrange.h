// Helpers for the rows that split, flip and take diagonals (rearrange.cpp).
#pragma once

#include "torchscratch/tensor.h"

namespace ts {

/// `dim`, or 0 for a vector; throws if self has fewer than `least` dimensions.
int split_dim(const Tensor& self, int dim, int least);
TensorList split_evenly(const Tensor& self, std::int64_t sections, std::int64_t dim);
Tensor flip_at_least(const Tensor& self, std::int64_t dim, int least);
Tensor diagonal_backward(const Tensor& grad, const Dims& sizes, std::int64_t offset, std::int64_t dim1,
                         std::int64_t dim2);

}  // namespace ts
