// The public face of the thread pool and the choice of instruction set.
#include "torchscratch/threads.h"

#include "cpu/simd_target.h"
#include "cpu/thread_pool.h"
#include "torchscratch/error.h"

namespace ts {

int num_threads() { return cpu::num_threads(); }

void set_num_threads(int threads) {
  TS_CHECK(threads >= 1 && threads <= 1024, ValueError, "set_num_threads: 1 to 1024 threads, got ", threads);
  cpu::set_num_threads(threads);
}

const char* simd_target() { return cpu::simd_target_name(); }

}  // namespace ts
