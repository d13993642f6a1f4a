// The caching allocator.
//
// Sizes are rounded up to a multiple of 64, so that every block begins at a cache line, and then to size classes: 64,
// 128, 192, 256, 320, ..., with four classes to each power of two, so that at most 25 % is wasted. A freed block goes
// to a list of its class:
//
//   small (up to 64 KiB)  a list per thread, no lock; blocks up to 8 KiB are carved from slabs of 256 KiB
//   large                 central lists under a mutex; a request may take a block up to one quarter larger
//
// A thread moves half of a list that has grown long to the central one, and all its lists when it ends, so memory that
// one thread allocates and another frees (a finalizer thread, for example) is reused. Slabs are never returned to the
// system; every other cached block can be.
#include "torchscratch/allocator.h"

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <vector>

#if defined(__linux__)
#include <sys/mman.h>
#endif
#if defined(_WIN32)
#include <malloc.h>
#endif

#include "tensor/scratch_memory.h"
#include "torchscratch/error.h"
#include "torchscratch/reclaim.h"

namespace ts::allocator {

namespace {

// With AddressSanitizer nothing is cached, so that it detects every use after free and every leak.
#if defined(__SANITIZE_ADDRESS__)
constexpr bool kCaches = false;
#else
constexpr bool kCaches = true;
#endif

constexpr std::size_t kAlignment = 64;
constexpr std::size_t kSmallLimit = 64 * 1024;
constexpr std::size_t kSlabbedLimit = 8 * 1024;
constexpr std::size_t kSlabBytes = 256 * 1024;
constexpr std::size_t kHugePage = 2 * 1024 * 1024;
constexpr std::size_t kThreadListBytes = 512 * 1024;  // the size of a list at which half of it moves to the central one
constexpr std::int64_t kFlushBytes = 256 * 1024;      // the live bytes that a thread may keep out of flushed_live
constexpr int kClassCount = 4 * 48;

// Class c holds blocks of (4 + c % 4) << (4 + c / 4) bytes.
constexpr std::size_t class_bytes(int size_class) {
  return static_cast<std::size_t>(4 + size_class % 4) << (4 + size_class / 4);
}

int class_of(std::size_t bytes) {
  if (bytes <= 64) return 0;
  // The two bits below the leading bit of the rounded size minus 1 select one of the four classes of a power of two.
  const std::size_t last = (bytes - 1) | (kAlignment - 1);
  const int exponent = 63 - __builtin_clzll(last);
  const int quarter = static_cast<int>((last >> (exponent - 2)) & 3);
  return (exponent - 6) * 4 + quarter + 1;
}

struct FreeBlock {
  FreeBlock* next;
};

struct FreeList {
  FreeBlock* head = nullptr;
  std::size_t count = 0;

  void push(void* data) {
    auto* block = static_cast<FreeBlock*>(data);
    block->next = head;
    head = block;
    ++count;
  }
  void* pop() {
    FreeBlock* block = head;
    if (block) {
      head = block->next;
      --count;
    }
    return block;
  }
};

// The counters of a thread. Only the thread itself writes them, so relaxed loads and stores suffice instead of atomic
// additions, and stats() may read them from any thread.
struct Counters {
  std::atomic<std::int64_t> live{0}, cached{0}, allocations{0}, frees{0};

  static void add(std::atomic<std::int64_t>& counter, std::int64_t amount) {
    counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
  }
};

struct ThreadCache;

struct Central {
  std::mutex mutex;
  FreeList lists[kClassCount];
  std::vector<ThreadCache*> threads;
  Counters retired;  // of ended threads and of central blocks; guarded by the mutex
  std::atomic<std::int64_t> flushed_live{0};
  std::atomic<std::int64_t> peak{0};
  std::atomic<std::int64_t> limit{0};
  std::atomic<std::int64_t> system_allocations{0}, system_frees{0};
  std::atomic<Hook> hook{nullptr};
  std::atomic<void*> hook_user{nullptr};
  std::atomic<Reclaim> reclaim{nullptr};
  std::atomic<void*> reclaim_user{nullptr};
};

// Never destroyed, since tensors in static variables may be freed after our own static destructors have run.
Central& central() {
  static Central* const instance = new Central;
  return *instance;
}

struct ThreadCache {
  FreeList lists[kClassCount];
  Counters counters;
  std::int64_t unflushed_live = 0;
  // The largest counters.live since unflushed_live was 0: a peak may lie between two flushes.
  std::atomic<std::int64_t> highest_live{0};
  char* slab = nullptr;
  std::size_t slab_left = 0;

  ThreadCache() {
    Central& c = central();
    const std::lock_guard lock(c.mutex);
    c.threads.push_back(this);
  }
  ~ThreadCache();
};

// A pointer, because a library that is loaded at run time has little space for thread-local data.
thread_local ThreadCache* current_cache = nullptr;
thread_local bool thread_ended = false;

struct CacheOwner {
  ~CacheOwner() {
    delete current_cache;
    current_cache = nullptr;
    thread_ended = true;
  }
};

ThreadCache* make_thread_cache() {
  // Once the thread has destroyed its cache, blocks that it frees go to the central lists.
  if (thread_ended) return nullptr;
  thread_local CacheOwner owner;
  (void)owner;
  current_cache = new ThreadCache;
  return current_cache;
}

ThreadCache* thread_cache() { return current_cache ? current_cache : make_thread_cache(); }

void notify(Event event, void* data, std::size_t bytes) {
  if (const Hook hook = central().hook.load(std::memory_order_acquire)) {
    hook(central().hook_user.load(std::memory_order_relaxed), event, data, bytes);
  }
}

void* system_allocate(std::size_t bytes) {
  const std::size_t alignment = bytes >= kHugePage ? kHugePage : kAlignment;
#if defined(_WIN32)
  void* data = _aligned_malloc(bytes, kAlignment);
  (void)alignment;
#else
  void* data = std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
#endif
#if defined(__linux__)
  // With huge pages, the first access to a block causes 512 times fewer page faults.
  if (data && alignment == kHugePage) madvise(data, bytes, MADV_HUGEPAGE);
#endif
  if (data) {
    central().system_allocations.fetch_add(1, std::memory_order_relaxed);
    notify(Event::SystemAllocate, data, bytes);
  }
  return data;
}

void system_free(void* data, std::size_t bytes) {
  central().system_frees.fetch_add(1, std::memory_order_relaxed);
  notify(Event::SystemFree, data, bytes);
#if defined(_WIN32)
  (void)bytes;
  _aligned_free(data);
#else
  (void)bytes;
  std::free(data);
#endif
}

void raise_peak(std::int64_t live) {
  auto& peak = central().peak;
  std::int64_t seen = peak.load(std::memory_order_relaxed);
  while (live > seen && !peak.compare_exchange_weak(seen, live, std::memory_order_relaxed)) {
  }
}

// Counts live bytes. A thread collects small amounts before it adds them to flushed_live.
void count_live(ThreadCache* cache, std::int64_t bytes) {
  std::int64_t above = 0;
  if (cache) {
    const std::int64_t live = cache->counters.live.load(std::memory_order_relaxed) + bytes;
    cache->counters.live.store(live, std::memory_order_relaxed);
    const std::int64_t highest = cache->highest_live.load(std::memory_order_relaxed);
    if (live > highest) cache->highest_live.store(live, std::memory_order_relaxed);
    cache->unflushed_live += bytes;
    if (cache->unflushed_live < kFlushBytes && cache->unflushed_live > -kFlushBytes) return;
    bytes = cache->unflushed_live;
    cache->unflushed_live = 0;
    above = std::max<std::int64_t>(highest - live, 0);
    cache->highest_live.store(live, std::memory_order_relaxed);
  } else {
    const std::lock_guard lock(central().mutex);
    Counters::add(central().retired.live, bytes);
  }
  raise_peak(central().flushed_live.fetch_add(bytes, std::memory_order_relaxed) + bytes + above);
}

ThreadCache::~ThreadCache() {
  Central& c = central();
  const std::lock_guard lock(c.mutex);
  for (int i = 0; i < kClassCount; ++i) {
    while (void* block = lists[i].pop()) c.lists[i].push(block);
  }
  // The rest of the slab is divided into blocks of the largest possible classes.
  while (slab_left >= class_bytes(0)) {
    int size_class = std::min(class_of(slab_left), class_of(kSlabbedLimit));
    while (class_bytes(size_class) > slab_left) --size_class;
    c.lists[size_class].push(slab);
    Counters::add(counters.cached, static_cast<std::int64_t>(class_bytes(size_class)));
    slab += class_bytes(size_class);
    slab_left -= class_bytes(size_class);
  }
  c.flushed_live.fetch_add(unflushed_live, std::memory_order_relaxed);
  Counters::add(c.retired.live, counters.live.load());
  Counters::add(c.retired.cached, counters.cached.load());
  Counters::add(c.retired.allocations, counters.allocations.load());
  Counters::add(c.retired.frees, counters.frees.load());
  c.threads.erase(std::find(c.threads.begin(), c.threads.end(), this));
}

std::int64_t exact_live() {
  Central& c = central();
  const std::lock_guard lock(c.mutex);
  std::int64_t live = c.retired.live.load();
  for (const ThreadCache* thread : c.threads) live += thread->counters.live.load(std::memory_order_relaxed);
  return live;
}

// The limit applies to live_bytes, so the size of the block counts and not the size requested.
void check_limit(std::size_t asked) {
  const std::int64_t limit = central().limit.load(std::memory_order_relaxed);
  if (limit == 0) return;
  const auto bytes = static_cast<std::int64_t>(class_bytes(class_of(asked)));
  std::int64_t live = exact_live();
  if (live + bytes > limit && reclaim_memory()) live = exact_live();
  TS_CHECK(live + bytes <= limit, OutOfMemoryError, "out of memory: ", asked,
           " bytes were requested and ", live, " are in use, but the limit is ", limit,
           "; free tensors, use smaller batches or raise the limit");
}

[[noreturn]] void refuse(std::size_t bytes) {
  throw OutOfMemoryError(detail::in_operator(format("out of memory: the system refused ", bytes, " bytes; ",
                                                    exact_live(),
                                                    " are in use; free tensors or use smaller batches")));
}

// The thread's own list first, then a batch from the central list, then a fresh slab.
void* allocate_small(ThreadCache& cache, int size_class) {
  const std::size_t bytes = class_bytes(size_class);
  if (void* block = cache.lists[size_class].pop()) {
    Counters::add(cache.counters.cached, -static_cast<std::int64_t>(bytes));
    return block;
  }
  {
    Central& c = central();
    const std::lock_guard lock(c.mutex);
    if (void* block = c.lists[size_class].pop()) {
      const std::size_t batch = std::max<std::size_t>(1, kThreadListBytes / bytes / 4);
      for (std::size_t i = 1; i < batch; ++i) {
        void* more = c.lists[size_class].pop();
        if (!more) break;
        cache.lists[size_class].push(more);
      }
      Counters::add(cache.counters.cached, -static_cast<std::int64_t>(bytes));
      return block;
    }
  }
  if (bytes > kSlabbedLimit) return system_allocate(bytes);
  if (cache.slab_left < bytes) {
    // The rest of the old slab is divided into blocks of smaller classes.
    while (cache.slab_left >= class_bytes(0)) {
      int tail_class = class_of(cache.slab_left);
      while (class_bytes(tail_class) > cache.slab_left) --tail_class;
      cache.lists[tail_class].push(cache.slab);
      Counters::add(cache.counters.cached, static_cast<std::int64_t>(class_bytes(tail_class)));
      cache.slab += class_bytes(tail_class);
      cache.slab_left -= class_bytes(tail_class);
    }
    auto* slab = static_cast<char*>(system_allocate(kSlabBytes));
    if (!slab) return nullptr;
    cache.slab = slab;
    cache.slab_left = kSlabBytes;
  }
  void* block = cache.slab;
  cache.slab += bytes;
  cache.slab_left -= bytes;
  return block;
}

void* allocate_central(int& size_class, bool exact) {
  Central& c = central();
  {
    const std::lock_guard lock(c.mutex);
    const int largest = size_class + (exact || c.limit.load(std::memory_order_relaxed) != 0 ? 0 : 1);
    for (int candidate = size_class; candidate <= largest && candidate < kClassCount; ++candidate) {
      if (void* block = c.lists[candidate].pop()) {
        size_class = candidate;
        Counters::add(c.retired.cached, -static_cast<std::int64_t>(class_bytes(candidate)));
        return block;
      }
    }
  }
  if (void* block = system_allocate(class_bytes(size_class))) return block;
  release_cached();
  return system_allocate(class_bytes(size_class));
}

}  // namespace

Block allocate(std::size_t bytes, bool exact) {
  if (bytes > (std::size_t{1} << 47)) refuse(bytes);
  check_limit(bytes);
  ThreadCache* cache = thread_cache();
  int size_class = class_of(bytes);
  void* data;
  if constexpr (!kCaches) {
    data = system_allocate(class_bytes(size_class));
  } else if (bytes <= kSmallLimit && cache) {
    data = allocate_small(*cache, size_class);
    if (!data) {
      release_cached();
      data = allocate_small(*cache, size_class);
    }
  } else {
    data = allocate_central(size_class, exact);
  }
  const std::size_t capacity = class_bytes(size_class);
  if (!data) refuse(bytes);
  count_live(cache, static_cast<std::int64_t>(capacity));
  if (cache) Counters::add(cache->counters.allocations, 1);
  if (central().hook.load(std::memory_order_relaxed)) notify(Event::Allocate, data, capacity);
  return {data, capacity};
}

void deallocate(Block block) noexcept {
  if (!block.data) return;
  const int size_class = class_of(block.capacity);
  const std::size_t bytes = class_bytes(size_class);
  ThreadCache* cache = thread_cache();
  if (central().hook.load(std::memory_order_relaxed)) notify(Event::Free, block.data, bytes);
  count_live(cache, -static_cast<std::int64_t>(bytes));
  if (cache) Counters::add(cache->counters.frees, 1);
  if constexpr (!kCaches) {
    system_free(block.data, bytes);
    return;
  }
  if (bytes <= kSmallLimit && cache) {
    FreeList& list = cache->lists[size_class];
    list.push(block.data);
    Counters::add(cache->counters.cached, static_cast<std::int64_t>(bytes));
    if (list.count * bytes > kThreadListBytes && list.count > 8) {
      Central& c = central();
      const std::lock_guard lock(c.mutex);
      for (std::size_t keep = list.count / 2; list.count > keep;) c.lists[size_class].push(list.pop());
    }
    return;
  }
  Central& c = central();
  const std::lock_guard lock(c.mutex);
  c.lists[size_class].push(block.data);
  Counters::add(c.retired.cached, static_cast<std::int64_t>(bytes));
}

void* allocate_scratch(std::size_t bytes, std::size_t* capacity) {
  if (bytes > (std::size_t{1} << 47)) refuse(bytes);
  check_limit(bytes);
  const std::size_t size = class_bytes(class_of(bytes));
  void* data = system_allocate(size);
  if (!data) {
    release_cached();
    data = system_allocate(size);
  }
  if (!data) refuse(bytes);
  const std::lock_guard lock(central().mutex);
  Counters::add(central().retired.cached, static_cast<std::int64_t>(size));
  *capacity = size;
  return data;
}

void free_scratch(void* data, std::size_t capacity) noexcept {
  if (!data) return;
  system_free(data, capacity);
  const std::lock_guard lock(central().mutex);
  Counters::add(central().retired.cached, -static_cast<std::int64_t>(capacity));
}

AllocatorStats stats() {
  Central& c = central();
  const std::lock_guard lock(c.mutex);
  AllocatorStats result{};
  const auto gather = [&](const Counters& counters) {
    result.live_bytes += counters.live.load(std::memory_order_relaxed);
    result.cached_bytes += counters.cached.load(std::memory_order_relaxed);
    result.allocations += counters.allocations.load(std::memory_order_relaxed);
    result.frees += counters.frees.load(std::memory_order_relaxed);
  };
  gather(c.retired);
  std::int64_t above = 0;
  for (const ThreadCache* thread : c.threads) {
    gather(thread->counters);
    above = std::max(above, thread->highest_live.load(std::memory_order_relaxed) -
                                thread->counters.live.load(std::memory_order_relaxed));
  }
  raise_peak(result.live_bytes + above);
  result.peak_bytes = c.peak.load();
  result.system_allocations = c.system_allocations.load();
  result.system_frees = c.system_frees.load();
  result.limit_bytes = c.limit.load();
  return result;
}

std::int64_t live_bytes() { return central().flushed_live.load(std::memory_order_relaxed); }

void reset_peak() {
  Central& c = central();
  c.peak.store(exact_live(), std::memory_order_relaxed);
  const std::lock_guard lock(c.mutex);
  for (ThreadCache* thread : c.threads)
    thread->highest_live.store(thread->counters.live.load(std::memory_order_relaxed), std::memory_order_relaxed);
}

void set_limit(std::int64_t bytes) { central().limit.store(std::max<std::int64_t>(bytes, 0)); }

void release_cached() {
  Central& c = central();
  // Blocks in slabs cannot be returned one by one, so only larger classes are, from the central and this
  // thread's lists.
  ThreadCache* cache = thread_cache();
  const std::lock_guard lock(c.mutex);
  for (int i = class_of(kSlabbedLimit) + 1; i < kClassCount; ++i) {
    const std::size_t bytes = class_bytes(i);
    while (void* block = c.lists[i].pop()) {
      system_free(block, bytes);
      Counters::add(c.retired.cached, -static_cast<std::int64_t>(bytes));
    }
    while (void* block = cache ? cache->lists[i].pop() : nullptr) {
      system_free(block, bytes);
      Counters::add(cache->counters.cached, -static_cast<std::int64_t>(bytes));
    }
  }
}

void set_hook(Hook hook, void* user) {
  central().hook.store(nullptr, std::memory_order_release);
  central().hook_user.store(user, std::memory_order_relaxed);
  central().hook.store(hook, std::memory_order_release);
}

bool reclaim_memory() {
  const Reclaim reclaim = central().reclaim.load(std::memory_order_acquire);
  if (!reclaim) return false;
  reclaim(central().reclaim_user.load(std::memory_order_relaxed));
  return true;
}

void set_reclaim(Reclaim reclaim, void* user) {
  central().reclaim.store(nullptr, std::memory_order_release);
  central().reclaim_user.store(user, std::memory_order_relaxed);
  central().reclaim.store(reclaim, std::memory_order_release);
}

}  // namespace ts::allocator
