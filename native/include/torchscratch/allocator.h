// The caching allocator: freed blocks are kept by size class and reused, so that a loop in its steady state asks the
// system for nothing. Fresh pages are the hidden cost of large element-wise operators (each is zeroed and faulted in).
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "torchscratch/export.h"

namespace ts {

/// A piece of memory, aligned to 64 bytes, and the bytes really there (at least those asked for).
struct Block {
  void* data;
  std::size_t capacity;
};

/// Bytes and counts since the process began, summed over all threads.
struct AllocatorStats {
  std::int64_t live_bytes;          ///< handed out and not yet returned
  std::int64_t cached_bytes;        ///< returned and kept for reuse
  std::int64_t peak_bytes;          ///< highest live_bytes since reset_peak (to within 256 KiB per thread)
  std::int64_t system_allocations;  ///< times the system was asked for memory
  std::int64_t system_frees;        ///< times memory went back to the system
  std::int64_t allocations;         ///< blocks handed out
  std::int64_t frees;               ///< blocks returned
  std::int64_t limit_bytes;         ///< highest live_bytes allowed; 0 for no limit
};

namespace allocator {

/// Throws OutOfMemoryError when the limit or the system refuses, after giving cached blocks back and trying again.
/// A large block may be up to half again as big as asked for, unless `exact`, for owners that remember only a size.
TS_API Block allocate(std::size_t bytes, bool exact = false);
/// Safe from any thread, whichever thread allocated.
TS_API void deallocate(Block block) noexcept;

TS_API AllocatorStats stats();
/// stats().live_bytes to within 256 KiB per thread, from one load.
TS_API std::int64_t live_bytes();
TS_API void reset_peak();
/// 0 removes the limit. Counts live bytes, metadata included.
TS_API void set_limit(std::int64_t bytes);
/// Gives every cached block of at least a page back to the system; other threads' small caches stay theirs.
TS_API void release_cached();

/// What a hook is told. `bytes` is the block's capacity.
enum class Event : int { Allocate = 0, Free = 1, SystemAllocate = 2, SystemFree = 3 };
using Hook = void (*)(void* user, Event event, void* data, std::size_t bytes);
/// One hook for the process; null removes it. It is called on the allocating thread and must not allocate tensors.
TS_API void set_hook(Hook hook, void* user);

}  // namespace allocator

/// Objects of the core (tensors, storages, nodes) live in the caching allocator too.
struct Pooled {
  static void* operator new(std::size_t bytes) { return allocator::allocate(bytes, true).data; }
  static void operator delete(void* data, std::size_t bytes) noexcept { allocator::deallocate({data, bytes}); }
};

/// The same for standard containers on the hot path.
template <class T>
struct PoolAllocator {
  using value_type = T;
  PoolAllocator() = default;
  template <class U>
  PoolAllocator(const PoolAllocator<U>&) {}  // NOLINT: required to be implicit
  T* allocate(std::size_t count) { return static_cast<T*>(allocator::allocate(count * sizeof(T), true).data); }
  void deallocate(T* data, std::size_t count) noexcept { allocator::deallocate({data, count * sizeof(T)}); }
  template <class U>
  bool operator==(const PoolAllocator<U>&) const {
    return true;
  }
  template <class U>
  bool operator!=(const PoolAllocator<U>&) const {
    return false;
  }
};

}  // namespace ts
