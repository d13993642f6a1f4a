// The order of elements in sorting: NaN comes last, and no NaN equals another.
#pragma once

#include "torchscratch/dtype.h"

namespace ts::cpu {

/// The value as a type that compares by itself.
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
