// Everything around the inner loops of a pointwise operation: dtypes, strides, blocks, remaining elements and threads.
#pragma once

#include "backend/pointwise_args.h"
#include "cpu/pointwise_row.h"

namespace ts::cpu {

/// Applies the function of a row to its operands. `name` is used in errors.
void run_pointwise(const char* name, const PointwiseRow& row, const PointwiseArgs& args);

}  // namespace ts::cpu
