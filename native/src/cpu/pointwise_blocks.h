// The blocks in which pointwise loops and copies work, and when they are shared out among threads.
#pragma once

#include <cstdint>
#include <type_traits>

namespace ts::cpu {

// Elements in a block. Four operands of double take 32 KiB, the size of the L1 cache; most calls need far less.
inline constexpr std::int64_t kBlock = 1024;

// Elements in a thread's chunk, about 10 microseconds of a memory-bound loop. Fewer are not worth another thread.
inline constexpr std::int64_t kGrain = 16 * 1024;

// A result of at least this size will not be read from the cache, so it is written with streaming stores, which bypass
// the cache and save reading the old contents from memory.
inline constexpr std::int64_t kStreamBytes = 24 * 1024 * 1024;

inline constexpr std::int64_t kItem = sizeof(double);

template <class T>
T* advance(T* data, std::int64_t elements, std::int64_t item) {
  using Byte = std::conditional_t<std::is_const_v<T>, const char, char>;
  return static_cast<Byte*>(data) + elements * item;
}

}  // namespace ts::cpu
