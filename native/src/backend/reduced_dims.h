// The set of dimensions that a reduction runs over, for shape inference and kernels.
#pragma once

#include <cstdint>
#include <optional>

#include "torchscratch/dims.h"

namespace ts {

/// Bit i is set if dimension i is reduced. Both a missing list and an empty list mean every dimension. Throws
/// IndexError for a dimension that does not exist, and ValueError for one that is named twice.
std::uint32_t reduced_dims(const std::optional<IntList>& dim, int ndim);

}  // namespace ts
