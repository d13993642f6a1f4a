// Short names for the types of optional arguments, as the op table's functions take them.
#pragma once

#include <cstdint>
#include <optional>

#include "torchscratch/dims.h"
#include "torchscratch/dtype.h"

namespace ts {

using OptionalInt = std::optional<std::int64_t>;
using OptionalInts = std::optional<IntList>;
using OptionalDType = std::optional<DType>;  // OptionalDevice is in torchscratch/device.h

}  // namespace ts
