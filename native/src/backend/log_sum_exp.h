// log(sum(exp(x))) kept in two parts so that it neither overflows nor underflows: max + log(sum), where sum = sum(exp(x
// - max)).
#pragma once

#include <cmath>
#include <limits>

namespace ts {

template <class T>
struct LogSumExp {
  T max = -std::numeric_limits<T>::infinity();
  T sum = 0;

  /// Merges `other` into this one: both sums are rescaled to the larger maximum.
  void add(const LogSumExp& other) {
    if (other.max > max) {
      // If this has seen only -infinity so far, sum is 0 and exp(-inf) is 0. The product is still formed, so that a NaN
      // in sum is kept.
      sum = sum * std::exp(max - other.max) + other.sum;
      max = other.max;
    } else {
      sum += other.max == max ? other.sum : other.sum * std::exp(other.max - max);
    }
  }

  T value() const { return max + std::log(sum); }
};

}  // namespace ts
