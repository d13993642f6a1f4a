// The order of elements in sorting: NaN comes last, and no NaN equals another one.
#pragma once

#include "torchscratch/dtype.h"

namespace ts::cpu {

/// Converts the value to a type that can be compared directly.
template <class T>
auto comparable(T value) {
  return value;
}
inline float comparable(Half value) { return to_float(value); }
inline float comparable(BFloat16 value) { return to_float(value); }

template <class T>
bool comes_before(T a, T b) {
  return a < b || (b != b && a == a);
}

}  // namespace ts::cpu
