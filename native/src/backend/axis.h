// A dense tensor viewed along one of its dimensions, as (outer, size, inner): element (o, i, j) is at (o * size + i) *
// inner + j. A scalar counts as one dimension of size 1.
#pragma once

#include <cstdint>

#include "torchscratch/dims.h"

namespace ts {

struct Axis {
  std::int64_t outer, size, inner;

  std::int64_t numel() const { return outer * size * inner; }
};

/// `dim` may be negative.
inline Axis axis_of(const Dims& sizes, std::int64_t dim) {
  const int at = normalize_dim(dim, sizes.size());
  Axis axis = {1, 1, 1};
  for (int i = 0; i < sizes.size(); ++i) {
    std::int64_t& part = i < at ? axis.outer : i == at ? axis.size : axis.inner;
    part = wrapping_product(part, sizes[i]);
  }
  return axis;
}

}  // namespace ts
