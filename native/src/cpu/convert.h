// Conversion of contiguous elements between any two dtypes, and copies that bypass the cache.
#pragma once

#include <cstdint>

#include "torchscratch/dtype.h"

namespace ts::cpu {

/// Converts `count` contiguous elements. The two ranges must not overlap unless both dtypes have the same size and the
/// ranges start at the same address.
///
/// Floating point to integer truncates toward zero; NaN and values out of range give the same result as on x86 (the
/// smallest int32 or int64, then truncated to the target's width). Integers wrap around. To bool: true if the value
/// differs from 0, which includes NaN. To float16 and bfloat16: through float32, rounding to nearest even.
using Converter = void (*)(const void* from, void* to, std::int64_t count);

/// The converter for the instruction set in use.
Converter converter(DType from, DType to);

/// memcpy with non-temporal stores: the destination's cache lines are neither read nor kept in the cache. This pays off
/// for destinations larger than the last-level cache. Call stream_fence before another thread reads the destination.
void stream_copy(void* to, const void* from, std::int64_t bytes);
void stream_fence();

}  // namespace ts::cpu
