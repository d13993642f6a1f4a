// Loops over several threads, for operators written outside the library.
#pragma once

#include <cstdint>
#include <memory>
#include <type_traits>

#include "torchscratch/export.h"

namespace ts {

namespace detail {
using RangeFunction = void (*)(void* context, std::int64_t begin, std::int64_t end);
TS_API void parallel_for(std::int64_t count, std::int64_t grain, RangeFunction function, void* context);
}  // namespace detail

/// Calls fn(begin, end) on disjoint ranges that cover [0, count), on the library's threads and the caller's, each range
/// at least `grain` long where that is possible. Returns when all are done; rethrows the first exception. Ranges vary
/// from call to call, so what an element becomes must not depend on where its range begins.
template <class Fn>
void parallel_for(std::int64_t count, std::int64_t grain, Fn&& fn) {
  using Function = std::remove_reference_t<Fn>;
  detail::parallel_for(
      count, grain,
      [](void* context, std::int64_t begin, std::int64_t end) { (*static_cast<Function*>(context))(begin, end); },
      const_cast<void*>(static_cast<const void*>(std::addressof(fn))));
}

}  // namespace ts
