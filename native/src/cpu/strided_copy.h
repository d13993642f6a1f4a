// Copies between any two layouts and any two dtypes.
#pragma once

#include "backend/pointwise_args.h"

namespace ts::cpu {

/// operands[0] = operands[1], converted to its dtype in one step. The loop is coalesced; args.compute is not read.
void strided_copy(const PointwiseArgs& args);

}  // namespace ts::cpu
