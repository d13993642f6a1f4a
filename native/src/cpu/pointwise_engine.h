// The loop around the inner loops: dtypes, strides, blocks, tails and threads of a pointwise operation.
#pragma once

#include "backend/pointwise_args.h"
#include "cpu/pointwise_row.h"

namespace ts::cpu {

/// Runs a row over its operands. `name` is for errors.
void run_pointwise(const char* name, const PointwiseRow& row, const PointwiseArgs& args);

}  // namespace ts::cpu
