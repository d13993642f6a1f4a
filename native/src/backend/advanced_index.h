// The position of the index dimensions in the result of advanced indexing.
#pragma once

#include <cstdint>

#include "torchscratch/dims.h"

namespace ts {

/// The dimension of self[indices] at which the dimensions of the index tensors begin: the position of the indexed
/// dimensions if they are adjacent, else 0. `dims` are the indexed dimensions in ascending order.
inline int position_of_indices(IntList dims) {
  for (std::size_t i = 1; i < dims.size(); ++i) {
    if (dims[i] != dims[i - 1] + 1) return 0;
  }
  return static_cast<int>(dims[0]);
}

}  // namespace ts
