// Shared by kernels that move elements by index: the grain of their loops, and the addition of elements.
#pragma once

#include <algorithm>
#include <cstdint>
#include <type_traits>

#include "backend/dispatch.h"
#include "cpu/thread_pool.h"
#include "torchscratch/tensor.h"

namespace ts::cpu {

/// The least number of pieces, of `bytes` each, that is worth a thread.
inline std::int64_t grain_for_bytes(std::int64_t bytes) {
  return std::max<std::int64_t>(1, kMinParallelBytes / std::max<std::int64_t>(1, bytes));
}

template <class T>
T* elements(const Tensor& tensor) {
  return static_cast<T*>(tensor.raw_data());
}

/// Sums of 16-bit floats are rounded after each addition, sums of integers wrap around, and the sum of bools is "or".
template <class T>
inline void add_to(T& sum, T value) {
  if constexpr (std::is_same_v<T, Half>) {
    sum = to_half(to_float(sum) + to_float(value));
  } else if constexpr (std::is_same_v<T, BFloat16>) {
    sum = to_bfloat16(to_float(sum) + to_float(value));
  } else if constexpr (std::is_integral_v<T>) {
    sum = static_cast<T>(static_cast<std::uint64_t>(sum) + static_cast<std::uint64_t>(value));
  } else {
    sum += value;
  }
}
struct BoolByte {
  std::uint8_t byte;
};
inline void add_to(BoolByte& sum, BoolByte value) { sum.byte |= value.byte; }

template <class Fn>
void dispatch_addable(DType dtype, Fn&& fn) {
  if (dtype == DType::Bool) return fn.template operator()<BoolByte>();
  dispatch_numeric(dtype, static_cast<Fn&&>(fn));
}

}  // namespace ts::cpu
