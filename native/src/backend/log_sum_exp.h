// log(sum(exp(x))) in two parts, so that it neither over- nor underflows: max + log(sum) with sum = sum(exp(x - max)).
#pragma once

#include <cmath>
#include <limits>

namespace ts {

template <class T>
struct LogSumExp {
  T max = -std::numeric_limits<T>::infinity();
  T sum = 0;

  /// Takes in the numbers that `other` was made from: both sums are brought to the larger maximum.
  void add(const LogSumExp& other) {
    if (other.max > max) {
      // exp(-inf) = 0 when nothing but -infinity came before; 0 * 0 then, as NaN must stay.
      sum = sum * std::exp(max - other.max) + other.sum;
      max = other.max;
    } else {
      sum += other.max == max ? other.sum : other.sum * std::exp(other.max - max);
    }
  }

  T value() const { return max + std::log(sum); }
};

}  // namespace ts
