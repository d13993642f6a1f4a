// The number of threads that kernels use, on which results do not depend, and the instruction set.
#pragma once

#include "torchscratch/export.h"

namespace ts {

/// The number of threads that an operator may use, the caller included. Initially the value of the environment variable
/// TORCHSCRATCH_NUM_THREADS, or else the number of cores that the process may use.
TS_API int num_threads();
/// Waits for an operator that is running in parallel. Throws ValueError unless 1 <= threads <= 1024, and inside
/// a parallel_for.
TS_API void set_num_threads(int threads);
/// The instruction set that kernels use, by Highway's name, such as "AVX2". The environment variable TORCHSCRATCH_SIMD
/// selects one.
TS_API const char* simd_target();

}  // namespace ts
