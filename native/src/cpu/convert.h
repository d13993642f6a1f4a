// Conversion of contiguous elements between any two dtypes, and copies that bypass the cache.
#pragma once

#include <cstdint>

#include "torchscratch/dtype.h"

namespace ts::cpu {

/// Converts `count` contiguous elements, which do not overlap unless the dtypes are the same size and start together.
///
/// Floating to integer truncates toward zero; what does not fit is as on x86 (the smallest int32 or int64, then cut to
/// the width). Integers wrap. To bool: whether it differs from 0, NaN included. To float16 and bfloat16: through
/// float32, to nearest even.
using Converter = void (*)(const void* from, void* to, std::int64_t count);

/// For the instruction set in use.
Converter converter(DType from, DType to);

/// memcpy with non-temporal stores: the destination's lines are neither read nor kept in the cache. Pays for
/// destinations larger than the last-level cache. Call stream_fence before another thread reads them.
void stream_copy(void* to, const void* from, std::int64_t bytes);
void stream_fence();

}  // namespace ts::cpu
