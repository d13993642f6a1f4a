// Data parallelism for CPU kernels: one small pool of worker threads, in which the caller takes part.
//
// A loop is cut into more chunks than there are threads. Whoever is free, caller or worker, takes the next chunk from
// an atomic counter, so a core that another process keeps busy only takes fewer chunks. The caller can finish the
// whole loop alone, and at the end it waits only for chunks that a worker has already begun.
//
// Results must not depend on the number of threads, nor on who ran which chunk. So a kernel may split its work only
// over independent outputs, or at boundaries fixed by the shape alone, and must never let the split change the order
// in which a floating-point sum is formed.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

namespace ts::cpu {

// The smallest work worth handing to a second thread. Handing off costs the caller less than a microsecond while a
// worker is awake, as it is for about a millisecond after a loop. Once it sleeps, waking it costs the caller about ten,
// and takes some tens of microseconds, in which the caller works on alone.
inline constexpr int64_t kMinParallelNanoseconds = 10'000;

// The same size for kernels bound by memory (some 10 GB/s per core) and for kernels bound by arithmetic (some 200
// GFLOP/s per core with AVX-512, less without).
inline constexpr int64_t kMinParallelBytes = 128 * 1024;
inline constexpr int64_t kMinParallelFlops = 1'000'000;

// The number of threads a loop may use, the caller included. Starts as TORCHSCRATCH_NUM_THREADS if that is set to a
// positive number, else as the number of cores this process may use.
int num_threads();

// Waits for a running loop, then changes the number. Throws ValueError unless count >= 1.
void set_num_threads(int count);

// True inside the function of a parallel_for that was split; a nested call runs inline.
bool in_parallel_region();

namespace detail {
using RangeFunction = void (*)(void* context, int64_t begin, int64_t end);
void parallel_for(int64_t count, int64_t grain, RangeFunction function, void* context);
}  // namespace detail

// Calls fn(begin, end) on disjoint ranges that cover [0, count), each at least `grain` long except where count leaves
// no choice. Returns when all are done. Runs fn(0, count) on the caller's thread when count <= grain, when there is
// one thread, when called from inside a parallel_for, or when another thread has the pool.
// The first exception thrown by fn is rethrown here; chunks not yet begun are then skipped. Allocates nothing.
template <class Fn>
void parallel_for(int64_t count, int64_t grain, Fn&& fn) {
  using Function = std::remove_reference_t<Fn>;
  detail::parallel_for(
      count, grain,
      [](void* context, int64_t begin, int64_t end) { (*static_cast<Function*>(context))(begin, end); },
      const_cast<void*>(static_cast<const void*>(std::addressof(fn))));
}

}  // namespace ts::cpu
