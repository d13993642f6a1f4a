// The step before a number is rounded to 16 bits, which makes the two steps round once.
#pragma once

#include <cstdint>

#include "torchscratch/dtype.h"

namespace ts::detail {

/// The float below or above `value` whose last bit is 1, or `value` itself if it is a float. Such a float lies on the
/// same side of every number that is shorter by two bits or more, so that rounding it to a 16-bit type gives what
/// rounding `value` gives; the nearest float may be half-way between two of them although `value` is not.
inline float float_rounded_to_odd(double value) {
  const float nearest = static_cast<float>(value);
  const double back = static_cast<double>(nearest);
  const bool away = (value < 0 ? -back : back) > (value < 0 ? -value : value);
  return float_from_bits((float_bits(nearest) - (away ? 1u : 0u)) | (back != value ? 1u : 0u));
}

}  // namespace ts::detail
