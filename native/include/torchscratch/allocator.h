// The caching allocator. Freed blocks are kept by size class and reused, so a loop in its steady state requests no
// memory from the system. This matters because the system zeroes and faults in every fresh page, which is the hidden
// cost of large element-wise operators.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>

#include "torchscratch/export.h"

namespace ts {

/// A piece of memory.
struct Block {
  void* data;            ///< aligned to 64 bytes
  std::size_t capacity;  ///< size in bytes, at least the number requested
};

/// Bytes and counts since the process began, summed over all threads.
struct AllocatorStats {
  std::int64_t live_bytes;          ///< bytes of allocated blocks that have not been freed
  std::int64_t cached_bytes;        ///< bytes of freed blocks that are kept for reuse
  std::int64_t peak_bytes;          ///< highest live_bytes since reset_peak(), to within 256 KiB per thread
  std::int64_t system_allocations;  ///< number of allocations from the system
  std::int64_t system_frees;        ///< number of blocks given back to the system
  std::int64_t allocations;         ///< number of blocks allocated
  std::int64_t frees;               ///< number of blocks freed
  std::int64_t limit_bytes;         ///< limit of live_bytes; 0 if there is none
};

namespace allocator {

/// Allocates at least `bytes` bytes. A large block may have up to 1.5 times that capacity; with `exact` it comes from
/// the size class of `bytes`, so that deallocate() may be given `bytes` as the capacity. Throws OutOfMemoryError if the
/// limit would be exceeded, or if the system refuses even after the cached blocks have been given back to it.
TS_API Block allocate(std::size_t bytes, bool exact = false);
/// Frees a block; any thread may do so, not only the one that allocated it.
TS_API void deallocate(Block block) noexcept;

TS_API AllocatorStats stats();
/// stats().live_bytes to within 256 KiB per thread, at the cost of a single load.
TS_API std::int64_t live_bytes();
/// Makes the present live_bytes the peak.
TS_API void reset_peak();
/// Limits live_bytes, which includes the library's own metadata. 0 removes the limit.
TS_API void set_limit(std::int64_t bytes);
/// Gives cached blocks of more than 8 KiB back to the system, except blocks of up to 64 KiB in other threads' caches.
TS_API void release_cached();

/// The events that a hook is told of.
enum class Event : int { Allocate = 0, Free = 1, SystemAllocate = 2, SystemFree = 3 };
/// `bytes` is the capacity of the block at `data`.
using Hook = void (*)(void* user, Event event, void* data, std::size_t bytes);
/// Sets the process's only hook; null removes it. It is called on the thread that allocates or frees and must not
/// create tensors.
TS_API void set_hook(Hook hook, void* user);

}  // namespace allocator

/// Base of core objects, such as tensors and nodes, that are allocated from the caching allocator.
struct Pooled {
  static void* operator new(std::size_t bytes) { return allocator::allocate(bytes, true).data; }
  static void operator delete(void* data, std::size_t bytes) noexcept { allocator::deallocate({data, bytes}); }
};

/// Allocates the memory of standard containers from the caching allocator.
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
