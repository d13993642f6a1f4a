// Describes a pointwise function to the loop engine: its inner loop for each compute type, for the instruction set in
// use. There are many inner loops (functions x types x instruction sets), so they are kept minimal; everything that
// does not depend on the function (dtypes, strides, threads, remaining elements) is done once, in pointwise_engine.cpp.
#pragma once

#include <cstdint>

#include "torchscratch/dtype.h"

namespace ts::cpu {

/// out[i] = f(in[0][i & masks[0]], ..., params) for 0 <= i < count, all in the compute type; a truth value is stored as
/// one byte. `count` is a multiple of the row's lanes. A mask is -1, or 0 for a constant operand, which points to its
/// value repeated over one vector. `out` may be one of the inputs.
using SpanKernel = void (*)(void* out, const void* const* in, const std::int64_t* masks, std::int64_t count,
                            const void* params);

struct PointwiseRow {
  SpanKernel float32, float64, int64;  ///< null where the function is not defined
  SpanKernel boolean;                  ///< replaces int64 when the operand is a bool tensor; mostly null
  std::int16_t float32_lanes, float64_lanes, int64_lanes;
  std::int8_t operands, params;
  bool makes_truth;  ///< the result is bool (bytes) instead of the compute type
  bool boolean_makes_truth;
  bool checks_divisor;  ///< an integer 0 in the second operand is an error
};

/// The largest number of lanes of any row.
inline constexpr int kMaxLanes = 16;

}  // namespace ts::cpu
