// How many threads kernels use. Results do not depend on it.
#pragma once

#include "torchscratch/export.h"

namespace ts {

/// The caller included. Initially $TORCHSCRATCH_NUM_THREADS, else the number of processors.
TS_API int num_threads();
/// Throws ValueError unless 1 <= threads <= 1024.
TS_API void set_num_threads(int threads);
/// The instruction set that kernels use, as Highway names it; $TORCHSCRATCH_SIMD forces one.
TS_API const char* simd_target();

}  // namespace ts
