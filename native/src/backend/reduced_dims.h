// Which dimensions a reduction runs over, for shape inference and kernels alike.
#pragma once

#include <cstdint>
#include <optional>

#include "torchscratch/dims.h"

namespace ts {

/// Bit i is set when dimension i is reduced. No list and an empty list both stand for every dimension. Throws
/// IndexError for a dimension that does not exist, ValueError for one that is named twice.
std::uint32_t reduced_dims(const std::optional<IntList>& dim, int ndim);

}  // namespace ts
