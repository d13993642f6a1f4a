// What the loop engine knows about a pointwise function: its inner loop for each compute type, for the instruction
// set in use. The inner loops are many (functions x types x instruction sets), so they are as bare as can be; whatever
// does not depend on the function (dtypes, strides, threads, tails) happens around them, once, in pointwise_engine.cpp.
#pragma once

#include <cstdint>

#include "torchscratch/dtype.h"

namespace ts::cpu {

/// out[i] = f(in[0][i & masks[0]], ..., params) for 0 <= i < count, all in the compute type; a truth value makes one
/// byte. `count` is a multiple of the row's lanes. A mask is -1, or 0 for an operand that is the same everywhere: it
/// points to that value, repeated over one vector. `out` may be one of the inputs.
using SpanKernel = void (*)(void* out, const void* const* in, const std::int64_t* masks, std::int64_t count,
                            const void* params);

struct PointwiseRow {
  SpanKernel float32, float64, int64;  ///< null where the function is not defined
  SpanKernel boolean;                  ///< replaces int64 when the operand is a bool tensor; mostly null
  std::int16_t float32_lanes, float64_lanes, int64_lanes;
  std::int8_t operands, params;
  bool makes_truth;                    ///< the result is bool bytes, not the compute type
  bool boolean_makes_truth;
  bool checks_divisor;                 ///< an integer 0 in the second operand is an error
};

/// The most lanes any row has.
inline constexpr int kMaxLanes = 16;

}  // namespace ts::cpu
