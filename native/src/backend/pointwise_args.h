// The arguments of a pointwise kernel: plain pointers, strides and parameters for a single loop over all operands.
#pragma once

#include <cstdint>

#include "torchscratch/dims.h"
#include "torchscratch/dtype.h"
#include "torchscratch/scalar.h"

namespace ts {

/// One tensor of a pointwise loop. Strides are in elements, and 0 where the operand is broadcast.
struct PointwiseOperand {
  void* data;
  DType dtype;
  std::int64_t strides[kMaxDims];
};

/// operands[0] is written and the others are read; all are indexed with the same `sizes`. An input may be the output
/// itself (in-place operators), but must not otherwise overlap it. Construction initializes nothing, since it must cost
/// almost nothing: only the first `ndim` sizes and strides and the first `operand_count` operands are ever read.
struct PointwiseArgs {
  static constexpr int kMaxOperands = 5;

  int ndim;
  int operand_count;
  int device;                    ///< the number of the CUDA device; not set on the CPU
  std::uint32_t numbers;         ///< bit i: operands[i] is one number of type `compute` in host memory, with strides 0
  std::int64_t numel;
  std::int64_t sizes[kMaxDims];  ///< outermost first; numel is their product
  PointwiseOperand operands[kMaxOperands];
  DType compute;                 ///< Float32, Float64 or Int64
  Scalar params[4];
};

/// Simplifies the loop without changing its result: drops dimensions of size 1, orders the remaining ones so that the
/// output (and, among equals, the inputs) has descending strides, and merges neighbouring dimensions wherever every
/// operand allows it. Kernels are correct without this call, but fast only after it. Callers skip it when all operands
/// are contiguous and of the same shape, since ndim = 1 and strides = 1 then describe the loop directly.
void coalesce(PointwiseArgs& args);

}  // namespace ts
