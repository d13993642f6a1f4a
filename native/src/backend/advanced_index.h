// Where the result of advanced indexing has the dimensions of the index tensors.
#pragma once

#include <cstdint>

#include "torchscratch/dims.h"

namespace ts {

/// The dimension of self[indices] at which those of the index tensors begin: where the indexed ones were if they are
/// neighbours, else 0. `dims` are the indexed dimensions, ascending.
inline int position_of_indices(IntList dims) {
  for (std::size_t i = 1; i < dims.size(); ++i) {
    if (dims[i] != dims[i - 1] + 1) return 0;
  }
  return static_cast<int>(dims[0]);
}

}  // namespace ts
