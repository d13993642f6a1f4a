// The blocks in which pointwise loops and copies work, and when they are shared out among threads.
#pragma once

#include <cstdint>
#include <type_traits>

namespace ts::cpu {

// Elements of a block. Four operands of double fill 32 KiB; float, mostly with one or two, far less.
inline constexpr std::int64_t kBlock = 1024;

// Elements below which one thread does the work: some 10 microseconds of a memory-bound loop.
inline constexpr std::int64_t kGrain = 16 * 1024;

// A large result is not going to be read from the cache; writing around it spares the memory reading the old contents.
inline constexpr std::int64_t kStreamBytes = 24 * 1024 * 1024;

inline constexpr std::int64_t kItem = sizeof(double);

template <class T>
T* advance(T* data, std::int64_t elements, std::int64_t item) {
  using Byte = std::conditional_t<std::is_const_v<T>, const char, char>;
  return static_cast<Byte*>(data) + elements * item;
}

}  // namespace ts::cpu
