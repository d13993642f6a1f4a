// Checked indices, for operators that take elements by their index (advanced_index.cpp).
#pragma once

#include "torchscratch/tensor.h"

namespace ts {

/// An int64 tensor of the entries of `index`, checked to be places along dimension `dim`, of `size`; from the start.
Tensor checked_places(const Tensor& index, std::int64_t size, int dim, bool negative = true);

}  // namespace ts
