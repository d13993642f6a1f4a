// What a pointwise kernel receives: plain pointers, strides and parameters, one loop over all of them.
#pragma once

#include <cstdint>

#include "torchscratch/dims.h"
#include "torchscratch/dtype.h"
#include "torchscratch/scalar.h"

namespace ts {

/// One tensor of a pointwise loop. Strides are in elements, 0 where the operand is broadcast.
struct PointwiseOperand {
  void* data;
  DType dtype;
  std::int64_t strides[kMaxDims];
};

/// operands[0] is written, the others are read; all are walked with the same `sizes`. An input may be the output
/// itself (in-place forms), else it must not overlap it. Nothing is initialised here: only the first `ndim` sizes and
/// strides and the first `operand_count` operands are ever looked at, and building this must cost next to nothing.
struct PointwiseArgs {
  static constexpr int kMaxOperands = 5;

  int ndim;
  int operand_count;
  std::int64_t numel;
  std::int64_t sizes[kMaxDims];  ///< outermost first; numel is their product
  PointwiseOperand operands[kMaxOperands];
  DType compute;                 ///< Float32, Float64 or Int64
  Scalar params[4];
};

/// Makes the loop as short as possible without changing what it computes: drops dimensions of size 1, orders the rest
/// so that the output (and among equals the inputs) is walked with descending strides, and merges neighbours that
/// every operand steps through evenly. Kernels are correct without it, but only fast after it. The caller skips it
/// when all operands are contiguous and of one shape: ndim = 1, strides = 1 says the same.
void coalesce(PointwiseArgs& args);

}  // namespace ts
