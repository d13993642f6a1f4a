// Data parallelism for CPU kernels: one small pool of worker threads, in which the caller takes part.
//
// A loop is cut into more chunks than there are threads. Each thread, the caller included, takes the next chunk from an
// atomic counter when it is free, so a core that another process keeps busy simply takes fewer chunks. The caller can
// finish the whole loop alone, and at the end it waits only for chunks that a worker has already begun.
//
// Results must depend neither on the number of threads nor on which thread ran which chunk. So a kernel may split its
// work only over independent outputs, or at boundaries that the shape alone determines, and the split must never change
// the order in which a floating-point sum is formed.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

namespace ts::cpu {

// The least work that justifies a second thread, about 10 microseconds: in bytes moved for memory-bound kernels (about
// 10 GB/s per core), and in floating-point operations for compute-bound kernels (about 200 GFLOP/s per core with
// AVX-512, less without it). Handing over a chunk costs the caller less than a microsecond while a worker is awake,
// which lasts for about a millisecond after a loop. Waking a sleeping worker costs the caller about ten microseconds;
// the worker begins some tens of microseconds later, and until then the caller works alone.
inline constexpr int64_t kMinParallelBytes = 128 * 1024;
inline constexpr int64_t kMinParallelFlops = 1'000'000;

// The number of threads that a loop may use, including the caller. Its initial value is TORCHSCRATCH_NUM_THREADS,
// limited to 1024, if that is set to a positive number, and otherwise the number of cores available to this process.
int num_threads();

// Waits for the running loop, if any, and then changes the number. Throws ValueError unless 1 <= count <= 1024, and
// when called from inside a loop.
void set_num_threads(int count);

// Whether this thread is running a chunk of a loop that was split. A parallel_for called from such a chunk runs inline.
bool in_parallel_region();

namespace detail {
using RangeFunction = void (*)(void* context, int64_t begin, int64_t end);
void parallel_for(int64_t count, int64_t grain, RangeFunction function, void* context);
}  // namespace detail

// Calls fn(begin, end) on disjoint ranges that together cover [0, count), and returns when all calls have returned.
// Ranges differ in length by at most one and are at least `grain` long; a grain below 1 counts as 1. Instead calls
// fn(0, count) once, on the caller's thread, if count < 2 * grain, if there is only one thread, inside another
// parallel_for, or while another thread uses the pool. Does nothing if count <= 0. The first exception that fn throws
// is rethrown here, and chunks that have not begun are skipped. Allocates no memory.
template <class Fn>
void parallel_for(int64_t count, int64_t grain, Fn&& fn) {
  using Function = std::remove_reference_t<Fn>;
  detail::parallel_for(
      count, grain,
      [](void* context, int64_t begin, int64_t end) { (*static_cast<Function*>(context))(begin, end); },
      const_cast<void*>(static_cast<const void*>(std::addressof(fn))));
}

}  // namespace ts::cpu
