// The public functions for threads, parallel loops and the instruction set in use.
#include "torchscratch/threads.h"

#include "cpu/simd_target.h"
#include "cpu/thread_pool.h"
#include "torchscratch/error.h"
#include "torchscratch/parallel.h"

namespace ts {

int num_threads() { return cpu::num_threads(); }

void set_num_threads(int threads) { cpu::set_num_threads(threads); }

namespace detail {

void parallel_for(std::int64_t count, std::int64_t grain, RangeFunction function, void* context) {
  TS_CHECK(count >= 0 && grain >= 1, ValueError, "parallel_for: needs count >= 0 and grain >= 1, got ", count, " and ",
           grain);
  cpu::detail::parallel_for(count, grain, function, context);
}

}  // namespace detail

const char* simd_target() { return cpu::simd_target_name(); }

}  // namespace ts
