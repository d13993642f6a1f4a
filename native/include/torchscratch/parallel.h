// Parallel loops for operators that are written outside the library.
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

/// Calls fn(begin, end) on disjoint ranges that together cover [0, count), on the library's threads and the caller's,
/// and returns when all calls have returned. Ranges are at least `grain` long; if count < 2 * grain there is only one.
/// The first exception that fn throws is rethrown. How [0, count) is cut varies from call to call, so the result for an
/// element must not depend on where its range begins. Throws ValueError unless count >= 0 and grain >= 1.
template <class Fn>
void parallel_for(std::int64_t count, std::int64_t grain, Fn&& fn) {
  using Function = std::remove_reference_t<Fn>;
  detail::parallel_for(
      count, grain,
      [](void* context, std::int64_t begin, std::int64_t end) { (*static_cast<Function*>(context))(begin, end); },
      const_cast<void*>(static_cast<const void*>(std::addressof(fn))));
}

}  // namespace ts
